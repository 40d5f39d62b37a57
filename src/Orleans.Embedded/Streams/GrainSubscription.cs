using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>
/// A subscription of a grain, kept by the stream's home. Delivery is a call to the grain, wherever it lives, so it activates the grain and is a turn among its turns.
/// </summary>
internal sealed class GrainSubscription(StreamHub hub, StreamId streamId, Guid id, GrainId grainId, bool isImplicit, StreamTopic? topic)
    : StreamSubscription<ParcelItem>(hub, streamId, id, isImplicit)
{
    private readonly HashSet<string> _sponsors = new(StringComparer.Ordinal);
    private readonly GrainReference _grain = hub.Runtime.Factory.Create(typeof(IStreamConsumer), grainId);
    private long _view;

    public GrainId GrainId => grainId;

    protected override int BatchMax => Receiver.ItemsPerBatchMax;

    public override void AcceptParcel(StreamParcel parcel)
    {
        for (var i = 0; i < parcel.Count; i++) Accept(new ParcelItem(parcel, i), new StreamToken(parcel.Sequence, i));
    }

    /// <summary>The newest view of the cluster by which the stream's home is here.</summary>
    public long View
    {
        get
        {
            lock (_sponsors) return _view;
        }
    }

    /// <summary>A process that will register it with the next home.</summary>
    public void AddSponsor(string process, long view)
    {
        lock (_sponsors)
        {
            _sponsors.Add(process);
            _view = Math.Max(_view, view);
        }
    }

    public IReadOnlyList<string> TakeSponsors()
    {
        lock (_sponsors)
        {
            var sponsors = _sponsors.ToList();
            _sponsors.Clear();
            return sponsors;
        }
    }

    /// <summary>What goes to a grain in another process is one call: no more of it than can travel.</summary>
    protected override int Together(ReadOnlySpan<StreamItem<ParcelItem>> items, out Exception? missing)
    {
        missing = null;
        if (Hub.Mesh is not { } mesh || mesh.IsHere(grainId)) return items.Length;
        StreamParcel? last = null;
        var bytes = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (ReferenceEquals(items[i].Value.Parcel, last)) continue;
            if (i > 0 && missing is not null) return i;
            last = items[i].Value.Parcel;
            var size = mesh.SizeOf(StreamId, last);
            if (size is null && i == 0) missing = new QueueCacheMissException($"Items of stream {StreamId} cannot be sent to {grainId}.");
            else if (i > 0 && (size is null || bytes + size > mesh.BatchBytesMax)) return i;
            bytes += size ?? 0;
        }

        return items.Length;
    }

    protected override Task DeliverAsync(ReadOnlyMemory<StreamItem<ParcelItem>> items) => SendAsync(items.ToArray(), null);

    protected override Task DeliverErrorAsync(Exception exception) => SendAsync([], exception);

    /// <summary>An implicit subscription needs no memory while nothing is on its way.</summary>
    protected override void OnIdle() => topic?.OnImplicitIdle();

    private Task SendAsync(StreamItem<ParcelItem>[] items, Exception? error) =>
        _grain.Shared.Sender.Send(_grain, new StreamDelivery(this, items, error));
}
