using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Writes values one after the other, in one pass. Generated code calls it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct WireWriter
{
    /// <summary>Up to so many characters have at most 127 bytes, a length of one byte.</summary>
    private const int ShortText = 42;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;
    private int _depth;

    internal WireWriter(IBufferWriter<byte> output, WireTypes types)
    {
        _output = output;
        Types = types;
    }

    internal WireTypes Types { get; }

    /// <summary>Begins a member.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Tag(uint id, WireKind kind) => Varint((((ulong)id + 1) << 3) | (byte)kind);

    /// <summary>Begins the members of the base class: their ids are their own.</summary>
    public void BeginBase() => Tag(WireReader.BaseId, WireKind.Object);

    /// <summary>Ends the members of an object.</summary>
    public void End() => Byte(0);

    internal void Kind(WireKind kind) => Byte((byte)kind);

    /// <summary>One level further in. What is nested too deeply, or contains itself, is refused before it is sent.</summary>
    internal void Enter()
    {
        if (++_depth > WireReader.DepthMax)
            throw new NotSupportedException($"A message is nested more than {WireReader.DepthMax} levels deep, or contains itself: it cannot be sent.");
    }

    internal void Leave() => _depth--;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Varint(ulong value)
    {
        if (value < 0x80) Byte((byte)value);
        else LongVarint(value);
    }

    internal void ZigZag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    internal void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    internal void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    internal void Bytes(scoped ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>A place for so many bytes, with their length in front.</summary>
    internal Span<byte> BytesOf(int length)
    {
        Varint((ulong)length);
        return Take(length);
    }

    internal void Text(scoped ReadOnlySpan<char> value)
    {
        if (value.Length <= ShortText)
        {
            Reserve(1 + (value.Length * 3));
            var length = Encoding.UTF8.GetBytes(value, _span[(_used + 1)..]);
            _span[_used] = (byte)length;
            _used += 1 + length;
            return;
        }

        var count = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)count);
        Encoding.UTF8.GetBytes(value, Take(count));
    }

    internal void Flush()
    {
        if (_used > 0) _output.Advance(_used);
        _span = default;
        _used = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Byte(byte value)
    {
        if (_used == _span.Length) Grow(1);
        _span[_used++] = value;
    }

    private void LongVarint(ulong value)
    {
        Reserve(10);
        var span = _span[_used..];
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _used += length;
    }

    private Span<byte> Take(int length)
    {
        Reserve(length);
        var taken = _span.Slice(_used, length);
        _used += length;
        return taken;
    }

    private void Reserve(int length)
    {
        if (_span.Length - _used < length) Grow(length);
    }

    private void Grow(int length)
    {
        Flush();
        _span = _output.GetSpan(Math.Max(length, 256));
    }
}
