namespace Orleans.Embedded.Serialization.Wire;

/// <summary>What tuples have in common: members with the numbers 0, 1, ...</summary>
internal abstract class TupleCodec<T>() : WireCodec<T>(WireKind.Object)
{
    protected abstract void WriteMembers(ref WireWriter writer, T value);

    protected abstract void ReadMember(ref WireReader reader, uint id, WireKind kind, ref T value);

    private protected sealed override void WritePayload(ref WireWriter writer, T value)
    {
        writer.Enter();
        WriteMembers(ref writer, value);
        writer.End();
        writer.Leave();
    }

    private protected sealed override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var value = default(T)!;
        while (reader.Tag(out var id, out var member)) ReadMember(ref reader, id, member, ref value);
        reader.Leave();
        return value;
    }
}

internal sealed class PairCodec<TKey, TValue> : TupleCodec<KeyValuePair<TKey, TValue>>
{
    protected override void WriteMembers(ref WireWriter writer, KeyValuePair<TKey, TValue> value)
    {
        Wire<TKey>.Codec.WriteField(ref writer, 0, value.Key);
        Wire<TValue>.Codec.WriteField(ref writer, 1, value.Value);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref KeyValuePair<TKey, TValue> value)
    {
        if (id == 0) value = new(Wire<TKey>.Codec.Read(ref reader, kind), value.Value);
        else if (id == 1) value = new(value.Key, Wire<TValue>.Codec.Read(ref reader, kind));
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec1<T1> : TupleCodec<ValueTuple<T1>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec2<T1, T2> : TupleCodec<ValueTuple<T1, T2>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec3<T1, T2, T3> : TupleCodec<ValueTuple<T1, T2, T3>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec4<T1, T2, T3, T4> : TupleCodec<ValueTuple<T1, T2, T3, T4>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3, T4> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
        Wire<T4>.Codec.WriteField(ref writer, 3, value.Item4);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3, T4> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else if (id == 3) value.Item4 = Wire<T4>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec5<T1, T2, T3, T4, T5> : TupleCodec<ValueTuple<T1, T2, T3, T4, T5>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3, T4, T5> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
        Wire<T4>.Codec.WriteField(ref writer, 3, value.Item4);
        Wire<T5>.Codec.WriteField(ref writer, 4, value.Item5);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3, T4, T5> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else if (id == 3) value.Item4 = Wire<T4>.Codec.Read(ref reader, kind);
        else if (id == 4) value.Item5 = Wire<T5>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec6<T1, T2, T3, T4, T5, T6> : TupleCodec<ValueTuple<T1, T2, T3, T4, T5, T6>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
        Wire<T4>.Codec.WriteField(ref writer, 3, value.Item4);
        Wire<T5>.Codec.WriteField(ref writer, 4, value.Item5);
        Wire<T6>.Codec.WriteField(ref writer, 5, value.Item6);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3, T4, T5, T6> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else if (id == 3) value.Item4 = Wire<T4>.Codec.Read(ref reader, kind);
        else if (id == 4) value.Item5 = Wire<T5>.Codec.Read(ref reader, kind);
        else if (id == 5) value.Item6 = Wire<T6>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec7<T1, T2, T3, T4, T5, T6, T7> : TupleCodec<ValueTuple<T1, T2, T3, T4, T5, T6, T7>>
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6, T7> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
        Wire<T4>.Codec.WriteField(ref writer, 3, value.Item4);
        Wire<T5>.Codec.WriteField(ref writer, 4, value.Item5);
        Wire<T6>.Codec.WriteField(ref writer, 5, value.Item6);
        Wire<T7>.Codec.WriteField(ref writer, 6, value.Item7);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3, T4, T5, T6, T7> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else if (id == 3) value.Item4 = Wire<T4>.Codec.Read(ref reader, kind);
        else if (id == 4) value.Item5 = Wire<T5>.Codec.Read(ref reader, kind);
        else if (id == 5) value.Item6 = Wire<T6>.Codec.Read(ref reader, kind);
        else if (id == 6) value.Item7 = Wire<T7>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}

internal sealed class TupleCodec8<T1, T2, T3, T4, T5, T6, T7, TRest> : TupleCodec<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>> where TRest : struct
{
    protected override void WriteMembers(ref WireWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> value)
    {
        Wire<T1>.Codec.WriteField(ref writer, 0, value.Item1);
        Wire<T2>.Codec.WriteField(ref writer, 1, value.Item2);
        Wire<T3>.Codec.WriteField(ref writer, 2, value.Item3);
        Wire<T4>.Codec.WriteField(ref writer, 3, value.Item4);
        Wire<T5>.Codec.WriteField(ref writer, 4, value.Item5);
        Wire<T6>.Codec.WriteField(ref writer, 5, value.Item6);
        Wire<T7>.Codec.WriteField(ref writer, 6, value.Item7);
        Wire<TRest>.Codec.WriteField(ref writer, 7, value.Rest);
    }

    protected override void ReadMember(ref WireReader reader, uint id, WireKind kind, ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> value)
    {
        if (id == 0) value.Item1 = Wire<T1>.Codec.Read(ref reader, kind);
        else if (id == 1) value.Item2 = Wire<T2>.Codec.Read(ref reader, kind);
        else if (id == 2) value.Item3 = Wire<T3>.Codec.Read(ref reader, kind);
        else if (id == 3) value.Item4 = Wire<T4>.Codec.Read(ref reader, kind);
        else if (id == 4) value.Item5 = Wire<T5>.Codec.Read(ref reader, kind);
        else if (id == 5) value.Item6 = Wire<T6>.Codec.Read(ref reader, kind);
        else if (id == 6) value.Item7 = Wire<T7>.Codec.Read(ref reader, kind);
        else if (id == 7) value.Rest = Wire<TRest>.Codec.Read(ref reader, kind);
        else reader.Skip(kind);
    }
}
