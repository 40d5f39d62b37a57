using System.ComponentModel;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>How a value is written; enough to skip it without knowing what it is.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1028", Justification = "It is one byte in messages.")]
public enum WireKind : byte
{
    /// <summary>Seven bits a byte, the lowest first.</summary>
    Varint = 0,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 1,

    /// <summary>Eight bytes, little-endian.</summary>
    Fixed64 = 2,

    /// <summary>A length and so many bytes.</summary>
    Bytes = 3,

    /// <summary>Tagged members, ended by a zero tag.</summary>
    Object = 4,

    /// <summary>A count and so many values, each with its kind in front.</summary>
    List = 5,

    /// <summary>Null; nothing follows.</summary>
    Null = 6,

    /// <summary>The name of a type, then a value of it with its kind in front.</summary>
    Typed = 7,
}
