using Orleans.Embedded.References;
using Orleans.Runtime;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>References to grains and observers: who is meant and through which interface. They are bound to the process that reads them.</summary>
internal sealed class ReferenceCodec<T>() : WireCodec<T>(WireKind.Object) where T : class, IAddressable
{
    private protected override void WritePayload(ref WireWriter writer, T value)
    {
        if (value is not GrainReference reference)
        {
            throw new NotSupportedException(value is IGrainObserver
                ? $"{value.GetType()} is an observer's object, which stays where it is: send what CreateObjectReference gives for it."
                : $"{value.GetType()} is no reference to a grain: send this.AsReference<{typeof(T).Name}>() in place of this.");
        }

        Wire<GrainType>.Codec.WriteField(ref writer, 0, reference.Shared.GrainType);
        Wire<IdSpan>.Codec.WriteField(ref writer, 1, reference.Key);
        Wire<string>.Codec.WriteField(ref writer, 2, reference.Shared.Descriptor.Name);
        writer.End();
    }

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        GrainType type = default;
        IdSpan key = default;
        string? name = null;
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) type = Wire<GrainType>.Codec.Read(ref reader, member);
            else if (id == 1) key = Wire<IdSpan>.Codec.Read(ref reader, member);
            else if (id == 2) name = Wire<string>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        if (type.IsDefault || key.IsDefault || name is null) WireReader.Fail("a reference lacks a part");
        return Bind(reader.Serializer.References, reader.Serializer.Types.FindInterface(name), new GrainId(type, key));
    }

    /// <summary>Through the interface that the sender had; where that is not known here, or does not fit, through the one that is asked for.</summary>
    private static T Bind(ReferenceFactory factory, Type? interfaceType, GrainId grainId)
    {
        var wanted = interfaceType is not null && typeof(T).IsAssignableFrom(interfaceType)
            ? interfaceType
            : typeof(T).IsInterface ? typeof(T) : interfaceType ?? typeof(IGrain);
        return (T)(object)factory.Create(wanted, grainId);
    }
}
