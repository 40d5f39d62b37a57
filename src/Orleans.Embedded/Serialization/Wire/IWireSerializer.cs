using System.Buffers;
using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>
/// Turns values, calls and answers into bytes and back, by generated code keyed by <c>[Id]</c>: members that one side does not know are skipped, those
/// that the other side did not send have their defaults. Thread-safe. Reading never trusts a length: what does not fit throws <see cref="WireFormatException"/>.
/// </summary>
internal interface IWireSerializer
{
    /// <summary>Writes a value as the given static type; a value of a derived type keeps its type.</summary>
    void Write<T>(IBufferWriter<byte> output, T value);

    /// <summary>Reads what <see cref="Write{T}"/> wrote; all of <paramref name="input"/> is taken.</summary>
    T Read<T>(ReadOnlySpan<byte> input);

    /// <summary>Writes which method is called, by its interface's and its own name in messages, and the arguments. Target and header are the caller's to write.</summary>
    void WriteCall(IBufferWriter<byte> output, GrainRequest request);

    /// <summary>Makes the request again, with its arguments. References in it are bound to this process's factory.</summary>
    /// <exception cref="WireFormatException">No such interface or method is known here, or the bytes are none of ours.</exception>
    GrainRequest ReadCall(ReadOnlySpan<byte> input);

    /// <summary>Writes an exception so that its type, message, <c>[Id]</c> members, inner exceptions and stack trace arrive.</summary>
    void WriteException(IBufferWriter<byte> output, Exception exception);

    /// <summary>Reads an exception; a type that this process does not have, or may not make, arrives as <see cref="Orleans.Runtime.OrleansException"/> with the original's text.</summary>
    Exception ReadException(ReadOnlySpan<byte> input);
}

/// <summary>Bytes from another process that are not what they should be.</summary>
internal sealed class WireFormatException(string message, Exception? innerException = null) : Exception(message, innerException);
