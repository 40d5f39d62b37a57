using System.Buffers.Binary;
using System.Text;
using Orleans.Embedded.Serialization.Wire;

namespace Orleans.Embedded.Connections;

/// <summary>Reads the content of a frame. No length in it is believed: what does not fit throws <see cref="WireFormatException"/>.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte ReadByte()
    {
        if (_rest.IsEmpty) throw TooShort();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public int ReadInt32()
    {
        if (_rest.Length < sizeof(int)) throw TooShort();
        var value = BinaryPrimitives.ReadInt32LittleEndian(_rest);
        _rest = _rest[sizeof(int)..];
        return value;
    }

    public long ReadInt64()
    {
        if (_rest.Length < sizeof(long)) throw TooShort();
        var value = BinaryPrimitives.ReadInt64LittleEndian(_rest);
        _rest = _rest[sizeof(long)..];
        return value;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new WireFormatException("A number in a frame is longer than ten bytes.");
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count < 0 || count > _rest.Length) throw TooShort();
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>The UTF-8 of a text.</summary>
    public ReadOnlySpan<byte> ReadTextBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_rest.Length) throw TooShort();
        return ReadBytes((int)length);
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadTextBytes());

    public Guid ReadGuid() => new(ReadBytes(16));

    private static WireFormatException TooShort() => new("A frame is shorter than what it says to hold.");
}
