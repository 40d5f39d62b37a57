using System.ComponentModel;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Writes and reads the values of one type, for callers that do not know the type.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class WireCodec
{
    private protected WireCodec()
    {
    }

    internal abstract Type ValueType { get; }

    internal abstract void WriteObject(ref WireWriter writer, object value);

    internal abstract object? ReadObject(ref WireReader reader);
}

/// <summary>Writes and reads the values of one type. Codecs have no state and are shared by all.</summary>
/// <typeparam name="T">The static type; a codec of a type that can be derived from keeps the type of its values.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class WireCodec<T> : WireCodec
{
    private readonly WireKind _kind;

    private protected WireCodec(WireKind kind) => _kind = kind;

    internal sealed override Type ValueType => typeof(T);

    /// <summary>Writes a value as a member.</summary>
    public void WriteField(ref WireWriter writer, uint id, T value)
    {
        var kind = KindOf(value);
        writer.Tag(id, kind);
        if (kind != WireKind.Null) WritePayload(ref writer, value);
    }

    /// <summary>Writes a value with its kind in front.</summary>
    public void WriteItem(ref WireWriter writer, T value)
    {
        var kind = KindOf(value);
        writer.Kind(kind);
        if (kind != WireKind.Null) WritePayload(ref writer, value);
    }

    /// <summary>Reads a value whose kind is known from its tag.</summary>
    public T Read(ref WireReader reader, WireKind kind) => kind == WireKind.Null ? default! : ReadPayload(ref reader, kind);

    /// <summary>Reads a value with its kind in front.</summary>
    public T ReadItem(ref WireReader reader) => Read(ref reader, reader.Kind());

    internal sealed override void WriteObject(ref WireWriter writer, object value) => WriteItem(ref writer, (T)value);

    internal sealed override object? ReadObject(ref WireReader reader) => ReadItem(ref reader);

    internal void WritePayloadOf(ref WireWriter writer, T value) => WritePayload(ref writer, value);

    internal WireKind GetKind(T value) => KindOf(value);

    private protected virtual WireKind KindOf(T value) => value is null ? WireKind.Null : _kind;

    private protected abstract void WritePayload(ref WireWriter writer, T value);

    /// <summary>Reads a value that is not null; the kind is whatever the bytes say and must be checked.</summary>
    private protected abstract T ReadPayload(ref WireReader reader, WireKind kind);
}

/// <summary>The base of generated codecs: of a type with members, without those derived from it.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ObjectCodec<T> : WireCodec<T>
{
    /// <summary>Made once for each type.</summary>
    protected ObjectCodec()
        : base(WireKind.Object)
    {
    }

    /// <summary>Writes the members; generated.</summary>
    protected abstract void WriteMembers(ref WireWriter writer, T value);

    /// <summary>Reads members until the end of the object and makes the object; generated.</summary>
    protected abstract T ReadMembers(ref WireReader reader);

    private protected sealed override void WritePayload(ref WireWriter writer, T value)
    {
        writer.Enter();
        WriteMembers(ref writer, value);
        writer.End();
        writer.Leave();
    }

    private protected sealed override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        // The other side's version of the type may be one that others derive from.
        if (kind == WireKind.Typed) return PolymorphicCodec<T>.ReadTyped(ref reader);
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var value = ReadMembers(ref reader);
        reader.Leave();
        return value;
    }
}
