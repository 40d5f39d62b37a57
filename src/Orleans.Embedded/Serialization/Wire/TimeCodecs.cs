using System.Buffers.Binary;

namespace Orleans.Embedded.Serialization.Wire;

internal sealed class DateTimeCodec() : WireCodec<DateTime>(WireKind.Fixed64)
{
    private protected override void WritePayload(ref WireWriter writer, DateTime value) => writer.Fixed64((ulong)value.ToBinary());

    private protected override DateTime ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Fixed64);
        return DateTime.FromBinary((long)reader.Fixed64());
    }
}

/// <summary>Eight bytes in the usual case, which is UTC; two more for another offset.</summary>
internal sealed class DateTimeOffsetCodec() : WireCodec<DateTimeOffset>(WireKind.Fixed64)
{
    private const int Length = sizeof(long) + sizeof(short);

    private protected override WireKind KindOf(DateTimeOffset value) => value.TotalOffsetMinutes == 0 ? WireKind.Fixed64 : WireKind.Bytes;

    private protected override void WritePayload(ref WireWriter writer, DateTimeOffset value)
    {
        if (value.TotalOffsetMinutes == 0)
        {
            writer.Fixed64((ulong)value.Ticks);
            return;
        }

        var bytes = writer.BytesOf(Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[sizeof(long)..], (short)value.TotalOffsetMinutes);
    }

    private protected override DateTimeOffset ReadPayload(ref WireReader reader, WireKind kind)
    {
        if (kind == WireKind.Fixed64) return new DateTimeOffset((long)reader.Fixed64(), TimeSpan.Zero);
        WireReader.Expect(kind, WireKind.Bytes);
        var bytes = reader.Bytes(Length);
        return new DateTimeOffset(
            BinaryPrimitives.ReadInt64LittleEndian(bytes), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(bytes[sizeof(long)..])));
    }
}

internal sealed class TimeSpanCodec() : WireCodec<TimeSpan>(WireKind.Varint)
{
    private protected override void WritePayload(ref WireWriter writer, TimeSpan value) => writer.ZigZag(value.Ticks);

    private protected override TimeSpan ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return TimeSpan.FromTicks(reader.ZigZag());
    }
}

internal sealed class DateOnlyCodec() : WireCodec<DateOnly>(WireKind.Varint)
{
    private protected override void WritePayload(ref WireWriter writer, DateOnly value) => writer.Varint((ulong)value.DayNumber);

    private protected override DateOnly ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return DateOnly.FromDayNumber(checked((int)reader.Varint()));
    }
}

internal sealed class TimeOnlyCodec() : WireCodec<TimeOnly>(WireKind.Varint)
{
    private protected override void WritePayload(ref WireWriter writer, TimeOnly value) => writer.Varint((ulong)value.Ticks);

    private protected override TimeOnly ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return new TimeOnly(checked((long)reader.Varint()));
    }
}
