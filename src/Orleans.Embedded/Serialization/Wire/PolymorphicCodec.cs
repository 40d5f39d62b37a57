using System.Text;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>
/// Values of a type that others derive from. One of exactly this type is written as it is; any other has the name of its type in front, which must
/// be in a manifest of the reader: no type is made because a message names it.
/// </summary>
internal sealed class PolymorphicCodec<T>(WireCodec<T>? exact) : WireCodec<T>(WireKind.Typed)
{
    private protected override WireKind KindOf(T value) =>
        value is null ? WireKind.Null : exact is not null && value.GetType() == typeof(T) ? WireKind.Object : WireKind.Typed;

    private protected override void WritePayload(ref WireWriter writer, T value)
    {
        if (exact is not null && value!.GetType() == typeof(T))
        {
            exact.WritePayloadOf(ref writer, value);
            return;
        }

        var type = writer.Types.Of(value!);
        writer.Enter();
        writer.Bytes(type.Name);
        type.Codec.WriteObject(ref writer, value!);
        writer.Leave();
    }

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        if (kind == WireKind.Typed) return ReadTyped(ref reader);
        if (exact is null) WireReader.Fail($"a {typeof(T)} has no type");
        return exact.Read(ref reader, kind);
    }

    public static T ReadTyped(ref WireReader reader)
    {
        reader.Enter();
        var name = reader.Bytes();
        var codec = reader.Serializer.Types.Find(name);
        if (codec is null) WireReader.Fail($"this process has no message type \"{Encoding.UTF8.GetString(name[..Math.Min(name.Length, 200)])}\"");
        if (!typeof(T).IsAssignableFrom(codec.ValueType) && !codec.ValueType.IsAssignableFrom(typeof(T)))
            WireReader.Fail($"a {codec.ValueType} stands where a {typeof(T)} belongs");
        var value = codec.ReadObject(ref reader);
        reader.Leave();
        if (value is T typed) return typed;
        if (value is not null) WireReader.Fail($"a {value.GetType()} stands where a {typeof(T)} belongs");
        return default!;
    }
}
