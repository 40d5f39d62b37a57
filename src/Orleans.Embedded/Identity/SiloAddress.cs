using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Orleans.Embedded;

namespace Orleans.Runtime;

/// <summary>One life of one silo: its endpoint and a generation that grows with each start.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>, IParsable<SiloAddress>
{
    private string? _text;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>Where the silo is reached by other silos.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which life of the silo: seconds since 2022 at its start, so that a later life has a larger number.</summary>
    public int Generation { get; }

    /// <summary>The address of nothing.</summary>
    public static SiloAddress Zero { get; } = New(IPAddress.Any, 0, 0);

    /// <summary>Whether this stands for a client: its generation is negative.</summary>
    public bool IsClient => Generation < 0;

    /// <summary>Makes an address.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>Makes an address.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    /// <summary><c>127.0.0.1:11111@5</c>, the form that <see cref="FromParsableString"/> reads.</summary>
    public string ToParsableString() => _text ??= $"{Endpoint}@{Generation}";

    /// <summary>Reads <c>127.0.0.1:11111@5</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static SiloAddress FromParsableString(string addr) => Parse(addr);

    /// <summary>Reads <c>127.0.0.1:11111@5</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static SiloAddress Parse(string value) => Parse(value, null);

    /// <summary>Reads <c>127.0.0.1:11111@5</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static SiloAddress Parse(string value, IFormatProvider? provider = null) =>
        TryParse(value, provider, out var result) ? result : throw new FormatException($"\"{value}\" is not a silo address.");

    /// <summary>Reads <c>127.0.0.1:11111@5</c>; false if the text has another form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out SiloAddress? result) => TryParse(value, null, out result);

    /// <summary>Reads <c>127.0.0.1:11111@5</c>; false if the text has another form.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? value, IFormatProvider? provider, [NotNullWhen(true)] out SiloAddress? result)
    {
        result = null;
        var at = value?.LastIndexOf('@') ?? -1;
        if (at < 0
            || !IPEndPoint.TryParse(value.AsSpan(0, at), out var endpoint)
            || !int.TryParse(value.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation))
            return false;
        result = new SiloAddress(endpoint, generation);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsClient ? 'C' : 'S')}{Endpoint}:{Generation}";

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <summary>A hash that is the same in every process and version: for placement.</summary>
    public int GetConsistentHashCode() => (int)UniformHash.Compute(ToParsableString());

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other)
    {
        if (other is null) return 1;
        var byGeneration = Generation.CompareTo(other.Generation);
        return byGeneration != 0 ? byGeneration : string.CompareOrdinal(Endpoint.ToString(), other.Endpoint.ToString());
    }
}
