using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orleans.Embedded.Serialization.Wire;

internal sealed class BooleanCodec() : WireCodec<bool>(WireKind.Varint)
{
    private protected override void WritePayload(ref WireWriter writer, bool value) => writer.Varint(value ? 1UL : 0UL);

    private protected override bool ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return reader.Varint() != 0;
    }
}

/// <summary>Signed numbers of any size: small ones are short, and a type may grow from one version to the next.</summary>
internal sealed class SignedCodec<T>() : WireCodec<T>(WireKind.Varint) where T : struct, IBinaryInteger<T>
{
    private protected override void WritePayload(ref WireWriter writer, T value) => writer.ZigZag(long.CreateTruncating(value));

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return T.CreateChecked(reader.ZigZag());
    }
}

/// <summary>Unsigned numbers of any size, and characters.</summary>
internal sealed class UnsignedCodec<T>() : WireCodec<T>(WireKind.Varint) where T : struct, IBinaryInteger<T>
{
    private protected override void WritePayload(ref WireWriter writer, T value) => writer.Varint(ulong.CreateTruncating(value));

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        return T.CreateChecked(reader.Varint());
    }
}

/// <summary>Enumerations, by their numbers: a number that has no name here is kept.</summary>
internal sealed class EnumCodec<T>() : WireCodec<T>(WireKind.Varint) where T : struct, Enum
{
    private static readonly TypeCode Size = Type.GetTypeCode(typeof(T));

    private protected override void WritePayload(ref WireWriter writer, T value) => writer.ZigZag(Size switch
    {
        TypeCode.SByte => Unsafe.BitCast<T, sbyte>(value),
        TypeCode.Byte => Unsafe.BitCast<T, byte>(value),
        TypeCode.Int16 => Unsafe.BitCast<T, short>(value),
        TypeCode.UInt16 => Unsafe.BitCast<T, ushort>(value),
        TypeCode.Int32 => Unsafe.BitCast<T, int>(value),
        TypeCode.UInt32 => Unsafe.BitCast<T, uint>(value),
        TypeCode.Int64 => Unsafe.BitCast<T, long>(value),
        _ => (long)Unsafe.BitCast<T, ulong>(value),
    });

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Varint);
        var number = reader.ZigZag();
        return Size switch
        {
            TypeCode.SByte => Unsafe.BitCast<sbyte, T>(checked((sbyte)number)),
            TypeCode.Byte => Unsafe.BitCast<byte, T>(checked((byte)number)),
            TypeCode.Int16 => Unsafe.BitCast<short, T>(checked((short)number)),
            TypeCode.UInt16 => Unsafe.BitCast<ushort, T>(checked((ushort)number)),
            TypeCode.Int32 => Unsafe.BitCast<int, T>(checked((int)number)),
            TypeCode.UInt32 => Unsafe.BitCast<uint, T>(checked((uint)number)),
            TypeCode.Int64 => Unsafe.BitCast<long, T>(number),
            _ => Unsafe.BitCast<ulong, T>((ulong)number),
        };
    }
}

internal sealed class SingleCodec() : WireCodec<float>(WireKind.Fixed32)
{
    private protected override void WritePayload(ref WireWriter writer, float value) => writer.Fixed32(BitConverter.SingleToUInt32Bits(value));

    private protected override float ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Fixed32);
        return BitConverter.UInt32BitsToSingle(reader.Fixed32());
    }
}

internal sealed class DoubleCodec() : WireCodec<double>(WireKind.Fixed64)
{
    private protected override void WritePayload(ref WireWriter writer, double value) => writer.Fixed64(BitConverter.DoubleToUInt64Bits(value));

    private protected override double ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Fixed64);
        return BitConverter.UInt64BitsToDouble(reader.Fixed64());
    }
}

internal sealed class DecimalCodec() : WireCodec<decimal>(WireKind.Bytes)
{
    private protected override void WritePayload(ref WireWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var bytes = writer.BytesOf(16);
        for (var i = 0; i < parts.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * 4)..], parts[i]);
    }

    private protected override decimal ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        var bytes = reader.Bytes(16);
        Span<int> parts = stackalloc int[4];
        for (var i = 0; i < parts.Length; i++) parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        return new decimal(parts);
    }
}

internal sealed class Int128Codec() : WireCodec<Int128>(WireKind.Bytes)
{
    private protected override void WritePayload(ref WireWriter writer, Int128 value) => BinaryPrimitives.WriteInt128LittleEndian(writer.BytesOf(16), value);

    private protected override Int128 ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Bytes);
        return BinaryPrimitives.ReadInt128LittleEndian(reader.Bytes(16));
    }
}
