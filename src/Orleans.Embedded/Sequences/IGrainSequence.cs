using System.Buffers;
using Orleans.Embedded.Serialization.Wire;

namespace Orleans.Embedded.Sequences;

/// <summary>A sequence that runs in an activation.</summary>
internal interface IGrainSequence
{
    /// <summary>How far the grain may be ahead of the caller; between processes, of what was sent to it.</summary>
    const int ItemsAhead = 100;

    /// <summary>The number of the call on the connection over which it went.</summary>
    long RemoteId { get; set; }

    /// <summary>On the grain's side: completes when the grain's method has ended.</summary>
    Task Ended { get; }

    /// <summary>On the grain's side: the caller wants no more.</summary>
    void Stop();

    /// <summary>Whether the grain is as far ahead as it may be and nobody takes: then the sequence keeps no activation alive.</summary>
    bool IsStalled { get; }

    /// <summary>The activation ends: the caller gets the exception, the grain's token is cancelled.</summary>
    void Abort(Exception exception);

    /// <summary>On the grain's side: nobody can take items any more; the grain's token is cancelled as a turn of the grain.</summary>
    void Fail(Exception exception);

    /// <summary>On the grain's side: completes when an item is there; false when the sequence has ended, throws how it failed.</summary>
    ValueTask<bool> WaitForItemAsync(CancellationToken cancellationToken);

    /// <summary>On the grain's side: takes the next item and writes it; false, and nothing written, if none is there now.</summary>
    bool TryWriteItem(IWireSerializer serializer, IBufferWriter<byte> output);

    /// <summary>On the caller's side: reads an item and hands it to whoever enumerates; false if there is no room, nobody wants it any more, or it cannot be read: then the sequence has failed.</summary>
    bool TryReadItem(IWireSerializer serializer, ReadOnlySpan<byte> input);

    /// <summary>On the caller's side: the sequence has ended on the grain's, well or with an exception.</summary>
    void Complete(Exception? failure);
}
