using System.Text;
using Orleans.Embedded;

namespace Orleans.Runtime;

/// <summary>Who a stream is within its provider: a namespace, which may be missing, and a key.</summary>
public readonly struct StreamId : IEquatable<StreamId>, IComparable<StreamId>
{
    private readonly string? _namespace;
    private readonly string? _key;

    private StreamId(string? ns, string key)
    {
        _namespace = string.IsNullOrEmpty(ns) ? null : ns;
        _key = key;
    }

    /// <summary>The namespace as UTF-8; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Namespace => Encoding.UTF8.GetBytes(_namespace ?? "");

    /// <summary>The key as UTF-8.</summary>
    public ReadOnlyMemory<byte> Key => Encoding.UTF8.GetBytes(_key ?? "");

    /// <summary>Namespace and key run together, as UTF-8.</summary>
    public ReadOnlyMemory<byte> FullKey => Encoding.UTF8.GetBytes(_namespace + _key);

    /// <summary>Makes an identity of UTF-8 texts.</summary>
    public static StreamId Create(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key) =>
        key.IsEmpty ? throw new ArgumentNullException(nameof(key)) : new(Encoding.UTF8.GetString(ns), Encoding.UTF8.GetString(key));

    /// <summary>Makes an identity of a guid, written as 32 hexadecimal digits.</summary>
    public static StreamId Create(string? ns, Guid key) => new(ns, key.ToString("N"));

    /// <summary>Makes an identity of a number, written in decimal.</summary>
    public static StreamId Create(string? ns, long key) => new(ns, key.ToString());

    /// <summary>Makes an identity of a text.</summary>
    public static StreamId Create(string? ns, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new StreamId(ns, key);
    }

    /// <inheritdoc/>
    public int CompareTo(StreamId other)
    {
        var byNamespace = string.CompareOrdinal(_namespace, other._namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(_key, other._key);
    }

    /// <summary>Whether namespace and key are the same, each for itself.</summary>
    public bool Equals(StreamId other) => string.Equals(_key, other._key, StringComparison.Ordinal)
        && string.Equals(_namespace, other._namespace, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_namespace, _key);

    /// <summary><c>namespace/key</c>; <c>null</c> stands for a missing namespace.</summary>
    public override string ToString() => $"{_namespace ?? "null"}/{_key}";

    /// <summary>The key as a text.</summary>
    public string GetKeyAsString() => _key ?? "";

    /// <summary>The namespace as a text; null if there is none.</summary>
    public string? GetNamespace() => _namespace;

    internal uint GetUniformHashCode() => UniformHash.Compute(_namespace, _key);

    /// <summary>Whether both name the same stream.</summary>
    public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

    /// <summary>Whether they name different streams.</summary>
    public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);
}
