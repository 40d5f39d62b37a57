using Orleans.Runtime;

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

    protected override Task DeliverAsync(ReadOnlyMemory<StreamItem<ParcelItem>> items) => SendAsync(items.ToArray(), null);

    protected override Task DeliverErrorAsync(Exception exception) => SendAsync([], exception);

    /// <summary>An implicit subscription needs no memory while nothing is on its way.</summary>
    protected override void OnIdle() => topic?.OnImplicitIdle();

    private Task SendAsync(StreamItem<ParcelItem>[] items, Exception? error) =>
        _grain.Shared.Sender.Send(_grain, new StreamDelivery(this, items, error));
}
