using System.ComponentModel;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>The codec of a type, found once for the process: the compiler of the running process knows it as a constant.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Wire<T>
{
    /// <summary>The codec. A type that has none has one that throws when it is used and says what to do.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1000", Justification = "The lookup is the type's argument.")]
    public static readonly WireCodec<T> Codec = (WireCodec<T>)WireCodecs.Make(typeof(T));
}
