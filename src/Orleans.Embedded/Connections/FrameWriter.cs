using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Orleans.Embedded.Connections;

/// <summary>
/// Builds one frame. Each thread has one, so that a frame is built without a lock and without memory of its own, and then copied to where it waits
/// to be sent.
/// </summary>
internal sealed class FrameWriter : IBufferWriter<byte>
{
    /// <summary>Length and kind.</summary>
    public const int HeaderSize = 5;

    private const int SizeKept = 256 * 1024;
    private const int SizeMin = 512;

    [ThreadStatic]
    private static FrameWriter? t_spare;

    private byte[] _buffer = new byte[4096];
    private int _count;

    /// <summary>How many bytes the frame has so far, header included.</summary>
    public int Length => _count;

    /// <summary>Begins a frame. Give the writer back with <see cref="Return"/>, on the same thread.</summary>
    public static FrameWriter Rent(FrameKind kind)
    {
        var writer = t_spare ?? new FrameWriter();
        t_spare = null;
        writer._buffer[HeaderSize - 1] = (byte)kind;
        writer._count = HeaderSize;
        return writer;
    }

    public void Return()
    {
        if (_buffer.Length <= SizeKept) t_spare = this;
    }

    /// <summary>The whole frame; it is gone when the writer is given back.</summary>
    public Span<byte> Finish()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _count - sizeof(int));
        return _buffer.AsSpan(0, _count);
    }

    /// <summary>Forgets everything after so many bytes.</summary>
    public void Truncate(int length) => _count = length;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (_count + count > _buffer.Length) throw new ArgumentOutOfRangeException(nameof(count), count, "More than there was room for.");
        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_count);
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[_count++] = value;
    }

    public void WriteInt32(int value)
    {
        Reserve(sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_count), value);
        _count += sizeof(int);
    }

    /// <summary>Writes over what <see cref="WriteInt32"/> wrote there.</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(position), value);

    public void WriteInt64(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_count), value);
        _count += sizeof(long);
    }

    /// <summary>Seven bits a byte, the lowest first.</summary>
    public void WriteVarint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_count++] = (byte)value;
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Length in bytes, then UTF-8.</summary>
    public void WriteText(string text)
    {
        // Three bytes are the most that a UTF-16 unit becomes; short texts, which are nearly all, have one byte of length whatever they hold.
        const int shortText = 42;
        if (text.Length <= shortText)
        {
            Reserve(1 + (shortText * 3));
            Utf8.FromUtf16(text, _buffer.AsSpan(_count + 1), out _, out var written);
            _buffer[_count] = (byte)written;
            _count += 1 + written;
            return;
        }

        WriteVarint((ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, this);
    }

    public void WriteGuid(Guid value)
    {
        Reserve(16);
        value.TryWriteBytes(_buffer.AsSpan(_count));
        _count += 16;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _count >= Math.Max(size, 1)) return;
        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(_buffer.Length * 2L, _count + (long)Math.Max(size, SizeMin))));
    }
}
