namespace Orleans.Runtime;

/// <summary>The type of a grain as it stands in its identity and in storage: a short lower-case text such as <c>incident</c>.</summary>
public readonly struct GrainType : IEquatable<GrainType>, IComparable<GrainType>
{
    private readonly IdSpan _value;

    /// <summary>Makes a grain type of an identity.</summary>
    public GrainType(IdSpan id) => _value = id;

    /// <summary>The identity itself.</summary>
    public IdSpan Value => _value;

    /// <summary>Whether this is the default value, which names no type.</summary>
    public bool IsDefault => _value.IsDefault;

    /// <summary>Makes a grain type of a text.</summary>
    /// <exception cref="ArgumentException">The text is null, empty or blank.</exception>
    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return new GrainType(new IdSpan(value));
    }

    /// <inheritdoc/>
    public bool Equals(GrainType obj) => _value.Equals(obj._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>A hash that is the same in every process and version.</summary>
    public uint GetUniformHashCode() => _value.GetUniformHashCode();

    /// <inheritdoc/>
    public int CompareTo(GrainType other) => _value.CompareTo(other._value);

    /// <summary>The text itself.</summary>
    public override string ToString() => _value.Text;

    /// <summary>Whether both name the same type.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Whether they name different types.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}
