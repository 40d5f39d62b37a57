using System.Runtime.InteropServices;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>An item on its way to a subscriber.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StreamItem<T>(T Value, StreamToken Token);

/// <summary>A place in a stream.</summary>
internal sealed class StreamToken(long sequenceNumber, int eventIndex) : StreamSequenceToken
{
    public override long SequenceNumber { get; protected set; } = sequenceNumber;

    public override int EventIndex { get; protected set; } = eventIndex;

    public override bool Equals(StreamSequenceToken? other) =>
        other is not null && SequenceNumber == other.SequenceNumber && EventIndex == other.EventIndex;

    public override int CompareTo(StreamSequenceToken? other)
    {
        if (other is null) return 1;
        var bySequence = SequenceNumber.CompareTo(other.SequenceNumber);
        return bySequence != 0 ? bySequence : EventIndex.CompareTo(other.EventIndex);
    }

    public override string ToString() => $"{SequenceNumber}.{EventIndex}";
}
