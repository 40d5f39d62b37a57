namespace Orleans.Runtime;

/// <summary>The name of a grain interface as messages carry it: its alias, or its full name where it has none.</summary>
public readonly struct GrainInterfaceType : IEquatable<GrainInterfaceType>
{
    private readonly IdSpan _value;

    /// <summary>Makes a name of a text.</summary>
    public GrainInterfaceType(string value) => _value = IdSpan.Create(value);

    /// <summary>Makes a name of an identity.</summary>
    public GrainInterfaceType(IdSpan value) => _value = value;

    /// <summary>The identity itself.</summary>
    public IdSpan Value => _value;

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsDefault => _value.IsDefault;

    /// <summary>Makes a name of a text.</summary>
    public static GrainInterfaceType Create(string value) => new(value);

    /// <inheritdoc/>
    public bool Equals(GrainInterfaceType other) => _value.Equals(other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainInterfaceType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>The text itself.</summary>
    public override string ToString() => _value.Text;

    /// <summary>Whether both name the same interface.</summary>
    public static bool operator ==(GrainInterfaceType left, GrainInterfaceType right) => left.Equals(right);

    /// <summary>Whether they name different interfaces.</summary>
    public static bool operator !=(GrainInterfaceType left, GrainInterfaceType right) => !left.Equals(right);
}
