namespace Orleans.Embedded.Serialization.Wire;

internal sealed class NullableCodec<T>() : WireCodec<T?>(WireKind.Null) where T : struct
{
    private protected override WireKind KindOf(T? value) => value is { } present ? Wire<T>.Codec.GetKind(present) : WireKind.Null;

    private protected override void WritePayload(ref WireWriter writer, T? value) => Wire<T>.Codec.WritePayloadOf(ref writer, value.GetValueOrDefault());

    private protected override T? ReadPayload(ref WireReader reader, WireKind kind) => Wire<T>.Codec.Read(ref reader, kind);
}
