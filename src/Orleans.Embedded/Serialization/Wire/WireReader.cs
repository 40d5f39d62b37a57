using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Reads what <see cref="WireWriter"/> wrote, or what somebody pretends that it wrote: every length is held against what is there. Generated code calls it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct WireReader
{
    /// <summary>The id under which the members of the base class stand.</summary>
    public const uint BaseId = uint.MaxValue;

    /// <summary>How deeply values may be nested.</summary>
    internal const int DepthMax = 64;

    private readonly ReadOnlySpan<byte> _input;
    private int _position;
    private int _depth;

    internal WireReader(ReadOnlySpan<byte> input, WireSerializer serializer)
    {
        _input = input;
        Serializer = serializer;
    }

    internal WireSerializer Serializer { get; }

    internal readonly int Left => _input.Length - _position;

    /// <summary>Reads the beginning of a member; false at the end of the object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Tag(out uint id, out WireKind kind)
    {
        var tag = Varint();
        kind = (WireKind)(tag & 7);
        var number = tag >> 3;
        id = (uint)(number - 1);
        if (number - 1 <= uint.MaxValue) return true;
        if (tag != 0) Fail("a member has an impossible number");
        return false;
    }

    /// <summary>Begins to read the members of the base class, until <see cref="EndBase"/>.</summary>
    public void BeginBase(WireKind kind)
    {
        Expect(kind, WireKind.Object);
        Enter();
    }

    /// <summary>All members of the base class are read.</summary>
    public void EndBase() => Leave();

    /// <summary>Passes over a value that nobody here knows.</summary>
    public void Skip(WireKind kind)
    {
        switch (kind)
        {
            case WireKind.Varint:
                Varint();
                break;
            case WireKind.Fixed32:
                Take(4);
                break;
            case WireKind.Fixed64:
                Take(8);
                break;
            case WireKind.Bytes:
                Bytes();
                break;
            case WireKind.Object:
                Enter();
                while (Tag(out _, out var member)) Skip(member);
                Leave();
                break;
            case WireKind.List:
                Enter();
                for (var left = Count(); left > 0; left--) Skip(Kind());
                Leave();
                break;
            case WireKind.Typed:
                Enter();
                Bytes();
                Skip(Kind());
                Leave();
                break;
        }
    }

    internal WireKind Kind()
    {
        if (_position >= _input.Length) Fail("it ends too early");
        var kind = _input[_position++];
        if (kind > (byte)WireKind.Typed) Fail($"there is no kind {kind} of values");
        return (WireKind)kind;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Varint()
    {
        if (_position < _input.Length && _input[_position] < 0x80) return _input[_position++];
        return LongVarint();
    }

    internal long ZigZag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    internal uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    internal ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A length and so many bytes; they are those of the input, not a copy.</summary>
    internal ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)Left) Fail("it ends too early");
        return Take((int)length);
    }

    internal ReadOnlySpan<byte> Bytes(int length)
    {
        var bytes = Bytes();
        if (bytes.Length != length) Fail($"{length} bytes were expected, not {bytes.Length}");
        return bytes;
    }

    internal string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>How many values follow. Each has at least one byte, so that there cannot be more of them than bytes.</summary>
    internal int Count()
    {
        var count = Varint();
        if (count > (ulong)Left) Fail("it ends too early");
        return (int)count;
    }

    internal void Enter()
    {
        if (++_depth > DepthMax) Fail($"it is nested more than {DepthMax} levels deep");
    }

    internal void Leave() => _depth--;

    internal static void Expect(WireKind kind, WireKind expected)
    {
        if (kind != expected) Fail($"{expected} was expected, not {kind}");
    }

    internal readonly void RequireEnd()
    {
        if (Left != 0) Fail($"{Left} bytes are left over");
    }

    [DoesNotReturn]
    internal static void Fail(string what) => throw new WireFormatException($"These bytes are no message of this engine: {what}.");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Left) Fail("it ends too early");
        var taken = _input.Slice(_position, length);
        _position += length;
        return taken;
    }

    private ulong LongVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _input.Length) Fail("it ends too early");
            var next = _input[_position++];
            if (shift == 63 && next > 1) break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        Fail("a number has more than 64 bits");
        return 0;
    }
}
