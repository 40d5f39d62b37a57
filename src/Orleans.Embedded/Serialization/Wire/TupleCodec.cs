namespace Orleans.Embedded.Serialization.Wire;

/// <summary>What dictionaries are made of: members with the numbers 0 and 1.</summary>
internal sealed class PairCodec<TKey, TValue>() : WireCodec<KeyValuePair<TKey, TValue>>(WireKind.Object)
{
    private protected override void WritePayload(ref WireWriter writer, KeyValuePair<TKey, TValue> value)
    {
        writer.Enter();
        Wire<TKey>.Codec.WriteField(ref writer, 0, value.Key);
        Wire<TValue>.Codec.WriteField(ref writer, 1, value.Value);
        writer.End();
        writer.Leave();
    }

    private protected override KeyValuePair<TKey, TValue> ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var (key, value) = (default(TKey)!, default(TValue)!);
        while (reader.Tag(out var id, out var member))
        {
            if (id == 0) key = Wire<TKey>.Codec.Read(ref reader, member);
            else if (id == 1) value = Wire<TValue>.Codec.Read(ref reader, member);
            else reader.Skip(member);
        }

        reader.Leave();
        return new(key, value);
    }
}

/// <summary>Tuples: members with the numbers 0, 1, ...</summary>
internal sealed class TupleCodec<TTuple>(params TupleItem<TTuple>[] items) : WireCodec<TTuple>(WireKind.Object) where TTuple : struct
{
    private protected override void WritePayload(ref WireWriter writer, TTuple value)
    {
        writer.Enter();
        for (var i = 0; i < items.Length; i++)
            items[i].Write(ref writer, (uint)i, ref value);
        writer.End();
        writer.Leave();
    }

    private protected override TTuple ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var value = default(TTuple);
        while (reader.Tag(out var id, out var member))
        {
            if (id < (uint)items.Length)
                items[id].Read(ref reader, member, ref value);
            else
                reader.Skip(member);
        }

        reader.Leave();
        return value;
    }
}

/// <summary>Writes and reads one item of a tuple.</summary>
internal abstract class TupleItem<TTuple>
{
    public abstract void Write(ref WireWriter writer, uint id, ref TTuple tuple);

    public abstract void Read(ref WireReader reader, WireKind kind, ref TTuple tuple);
}

/// <summary>Where a tuple keeps an item.</summary>
internal delegate ref T ItemOf<TTuple, T>(ref TTuple tuple);

internal sealed class TupleItem<TTuple, T>(ItemOf<TTuple, T> item) : TupleItem<TTuple>
{
    public override void Write(ref WireWriter writer, uint id, ref TTuple tuple) => Wire<T>.Codec.WriteField(ref writer, id, item(ref tuple));

    public override void Read(ref WireReader reader, WireKind kind, ref TTuple tuple) => item(ref tuple) = Wire<T>.Codec.Read(ref reader, kind);
}
