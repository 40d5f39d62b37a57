using Orleans.Embedded.Streams;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>The result of a method that returns nothing.</summary>
internal sealed class NoResultCodec() : WireCodec<CodeGeneration.NoResult>(WireKind.Null)
{
    private protected override void WritePayload(ref WireWriter writer, CodeGeneration.NoResult value)
    {
    }

    private protected override CodeGeneration.NoResult ReadPayload(ref WireReader reader, WireKind kind)
    {
        // The other side's version of the method may return something: it is not wanted here.
        reader.Skip(kind);
        return default;
    }
}

/// <summary>Identities that are one text; the default one, which is none at all, is null.</summary>
internal sealed class IdSpanCodec<T>(Func<T, IdSpan> write, Func<IdSpan, T> read) : WireCodec<T>(WireKind.Bytes)
{
    private protected override WireKind KindOf(T value) => write(value).IsDefault ? WireKind.Null : WireKind.Bytes;

    private protected override void WritePayload(ref WireWriter writer, T value) => writer.Text(write(value).Text);

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return read(new IdSpan(reader.Text()));
    }
}

internal sealed class GrainIdCodec() : WireCodec<GrainId>(WireKind.Object)
{
    private protected override WireKind KindOf(GrainId value) => value.IsDefault ? WireKind.Null : WireKind.Object;

    private protected override void WritePayload(ref WireWriter writer, GrainId value)
    {
        Wire<GrainType>.Codec.WriteField(ref writer, 0, value.Type);
        Wire<IdSpan>.Codec.WriteField(ref writer, 1, value.Key);
        writer.End();
    }

    private protected override GrainId ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        GrainType type = default;
        IdSpan key = default;
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) type = Wire<GrainType>.Codec.Read(ref reader, member);
            else if (id == 1) key = Wire<IdSpan>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        return new GrainId(type, key);
    }
}

internal sealed class StreamIdCodec() : WireCodec<StreamId>(WireKind.Object)
{
    private protected override void WritePayload(ref WireWriter writer, StreamId value)
    {
        Wire<string?>.Codec.WriteField(ref writer, 0, value.GetNamespace());
        Wire<string>.Codec.WriteField(ref writer, 1, value.GetKeyAsString());
        writer.End();
    }

    private protected override StreamId ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        string? ns = null;
        var key = "";
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) ns = Wire<string?>.Codec.Read(ref reader, member);
            else if (id == 1) key = Wire<string>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        return StreamId.Create(ns, key);
    }
}

/// <summary>Places in streams, whatever kind of token they are: the numbers are what travels.</summary>
internal sealed class StreamTokenCodec<T>() : WireCodec<T>(WireKind.Object) where T : StreamSequenceToken
{
    private protected override void WritePayload(ref WireWriter writer, T value)
    {
        Wire<long>.Codec.WriteField(ref writer, 0, value.SequenceNumber);
        Wire<int>.Codec.WriteField(ref writer, 1, value.EventIndex);
        writer.End();
    }

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        long sequence = 0;
        var index = 0;
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) sequence = Wire<long>.Codec.Read(ref reader, member);
            else if (id == 1) index = Wire<int>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        return (T)(StreamSequenceToken)new StreamToken(sequence, index);
    }
}

internal sealed class StreamItemCodec<T>() : WireCodec<StreamItem<T>>(WireKind.Object)
{
    private protected override void WritePayload(ref WireWriter writer, StreamItem<T> value)
    {
        writer.Enter();
        Wire<T>.Codec.WriteField(ref writer, 0, value.Value);
        Wire<StreamToken>.Codec.WriteField(ref writer, 1, value.Token);
        writer.End();
        writer.Leave();
    }

    private protected override StreamItem<T> ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var item = default(T)!;
        StreamToken token = null!;
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) item = Wire<T>.Codec.Read(ref reader, member);
            else if (id == 1) token = Wire<StreamToken>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        reader.Leave();
        return new StreamItem<T>(item, token);
    }
}

/// <summary>The values that travel with a call.</summary>
internal sealed class RequestValuesCodec() : WireCodec<RequestValues>(WireKind.Object)
{
    private protected override void WritePayload(ref WireWriter writer, RequestValues value)
    {
        if (value.ReentrancyId != Guid.Empty) Wire<Guid>.Codec.WriteField(ref writer, 0, value.ReentrancyId);
        foreach (var (name, entry) in value.Entries) Wire<KeyValuePair<string, object?>>.Codec.WriteField(ref writer, 1, new(name, entry));
        writer.End();
    }

    private protected override RequestValues ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        var values = new Dictionary<string, object>();
        var reentrancyId = Guid.Empty;
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0)
            {
                reentrancyId = Wire<Guid>.Codec.Read(ref reader, member);
            }
            else if (id == 1)
            {
                var (name, entry) = Wire<KeyValuePair<string, object?>>.Codec.Read(ref reader, member);
                if (name is not null && entry is not null) values[name] = entry;
            }
            else
            {
                reader.Skip(member);
            }
        }

        return RequestValues.Of(values, reentrancyId)!;
    }
}
