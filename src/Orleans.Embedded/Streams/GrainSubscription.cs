using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>A subscription of a grain. Delivery is a call to the grain, so it activates the grain and is a turn among its turns.</summary>
internal sealed class GrainSubscription<T>(StreamHub hub, StreamId streamId, Guid id, GrainId grainId, bool isImplicit, StreamTopic? topic)
    : StreamSubscription<T>(hub, streamId, id, isImplicit), IGrainSubscription
{
    private readonly GrainReference _grain = hub.Runtime.Factory.Create(typeof(IStreamConsumer), grainId);

    public GrainId GrainId => grainId;

    protected override int BatchMax => Receiver<T>.ItemsPerBatchMax;

    protected override Task DeliverAsync(ReadOnlyMemory<StreamItem<T>> items) => SendAsync(items.ToArray(), null);

    protected override Task DeliverErrorAsync(Exception exception) => SendAsync([], exception);

    /// <summary>An implicit subscription needs no memory while nothing is on its way.</summary>
    protected override void OnIdle() => topic?.OnImplicitIdle();

    private Task SendAsync(StreamItem<T>[] items, Exception? error) =>
        _grain.Shared.Sender.Send(_grain, new StreamDelivery<T>(this, items, error));
}

/// <summary>A grain's subscription, whatever its items are.</summary>
internal interface IGrainSubscription
{
    GrainId GrainId { get; }
}
