namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Stands for the codec of a type that has none.</summary>
internal sealed class MissingCodec<T>() : WireCodec<T>(WireKind.Null), IMissingCodec
{
    private protected override WireKind KindOf(T value) => throw new NotSupportedException(Explain(typeof(T)));

    private protected override void WritePayload(ref WireWriter writer, T value) => throw new NotSupportedException(Explain(typeof(T)));

    private protected override T ReadPayload(ref WireReader reader, WireKind kind) => throw new WireFormatException(Explain(typeof(T)));

    private static string Explain(Type type) =>
        $"{type} cannot be sent to another process: give it [GenerateSerializer] and each of its members an [Id], in a project that is built with the engine's source generator.";
}

/// <summary>Tells a codec that only throws from one that works.</summary>
internal interface IMissingCodec;
