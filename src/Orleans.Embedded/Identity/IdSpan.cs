using Orleans.Embedded;

namespace Orleans.Runtime;

/// <summary>A piece of an identity: an immutable text with its hash. The default value is no identity at all.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly string? _value;
    private readonly int _hash;

    internal IdSpan(string value)
    {
        _value = value;
        _hash = value.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsDefault => _value is null;

    internal string Text => _value ?? "";

    /// <summary>Makes an identity of a text. An empty text gives an empty identity, not the default one.</summary>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    public static IdSpan Create(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new IdSpan(id);
    }

    /// <inheritdoc/>
    public bool Equals(IdSpan obj) => _hash == obj._hash && string.Equals(_value, obj._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>A hash that is the same in every process and version: for placement, never for a dictionary.</summary>
    public uint GetUniformHashCode() => UniformHash.Compute(Text);

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => string.CompareOrdinal(_value, other._value);

    /// <summary>The text itself; empty for the default value.</summary>
    public override string ToString() => Text;

    /// <summary>Whether both name the same.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Whether they name different things.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
