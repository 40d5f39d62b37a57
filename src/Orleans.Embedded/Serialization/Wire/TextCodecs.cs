using System.Runtime.InteropServices;
using System.Text.Json;

namespace Orleans.Embedded.Serialization.Wire;

internal sealed class StringCodec() : WireCodec<string>(WireKind.Bytes)
{
    private protected override void WritePayload(ref WireWriter writer, string value) => writer.Text(value);

    private protected override string ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return reader.Text();
    }
}

/// <summary>Values that have a text form and are rare.</summary>
internal sealed class TextFormCodec<T>(Func<T, string> write, Func<string, T> read) : WireCodec<T>(WireKind.Bytes)
{
    private protected override void WritePayload(ref WireWriter writer, T value) => writer.Text(write(value));

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return read(reader.Text());
    }
}

internal sealed class GuidCodec() : WireCodec<Guid>(WireKind.Bytes)
{
    private const int Length = 16;

    private protected override void WritePayload(ref WireWriter writer, Guid value) => value.TryWriteBytes(writer.BytesOf(Length));

    private protected override Guid ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return new Guid(reader.Bytes(Length));
    }
}

/// <summary>Bytes, in whatever they are kept.</summary>
internal sealed class BytesCodec<T>(Func<T, ReadOnlyMemory<byte>> write, Func<byte[], T> read) : WireCodec<T>(WireKind.Bytes)
{
    private protected override WireKind KindOf(T value) =>
        value is null || (value is System.Collections.Immutable.ImmutableArray<byte> { IsDefault: true }) ? WireKind.Null : WireKind.Bytes;

    private protected override void WritePayload(ref WireWriter writer, T value) => writer.Bytes(write(value).Span);

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return read(reader.Bytes().ToArray());
    }
}

internal sealed class JsonElementCodec() : WireCodec<JsonElement>(WireKind.Bytes)
{
    private protected override WireKind KindOf(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? WireKind.Null : WireKind.Bytes;

    private protected override void WritePayload(ref WireWriter writer, JsonElement value) => writer.Bytes(JsonMarshal.GetRawUtf8Value(value));

    private protected override JsonElement ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        var json = new Utf8JsonReader(reader.Bytes());
        var element = JsonElement.ParseValue(ref json);
        if (json.Read()) WireReader.Fail("text follows after JSON");
        return element;
    }
}
