using Orleans.CodeGeneration;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;
using Orleans.Streams.Core;

namespace Orleans.Embedded.Streams;

/// <summary>How items of streams come to grains.</summary>
internal interface IStreamConsumer : IGrainExtension
{
    /// <summary>Takes items of one subscription.</summary>
    Task Deliver();
}

/// <summary>The observers that an activation has for its subscriptions.</summary>
internal sealed class StreamReceivers
{
    private readonly Dictionary<Guid, object> _receivers = [];

    /// <summary>Subscriptions that the grain was told of.</summary>
    public HashSet<Guid> Told { get; } = [];

    public Receiver<T>? Find<T>(Guid subscription) => _receivers.GetValueOrDefault(subscription) as Receiver<T>;

    public void Set<T>(Guid subscription, Receiver<T> receiver) => _receivers[subscription] = receiver;

    public void Remove(Guid subscription) => _receivers.Remove(subscription);

    public static StreamReceivers Of(ActivationContext activation)
    {
        if (activation.GetComponent<StreamReceivers>() is { } receivers) return receivers;
        activation.SetComponent(receivers = new StreamReceivers());
        return receivers;
    }
}

/// <summary>The call that brings items to a grain.</summary>
internal sealed class StreamDelivery<T>(GrainSubscription<T> subscription, StreamItem<T>[] items, Exception? error) : TaskRequest
{
    private static readonly GrainMethod DeliverMethod = new(
        typeof(IStreamConsumer), typeof(IStreamConsumer).FullName!, nameof(IStreamConsumer.Deliver), nameof(IStreamConsumer.Deliver),
        InvokeMethodOptions.None, null, []);

    protected override GrainMethod Method => DeliverMethod;

    protected override Task Call(object target) => DeliverAsync(target, ActivationContext.OfThisTurn!);

    private async Task DeliverAsync(object grain, ActivationContext activation)
    {
        var receivers = StreamReceivers.Of(activation);
        if (receivers.Find<T>(subscription.Id) is null && grain is IStreamSubscriptionObserver observer && receivers.Told.Add(subscription.Id))
            await observer.OnSubscribed(new SubscriptionHandleFactory(subscription.Hub, subscription.StreamId, subscription.Id));

        // A grain that did not resume its subscription does not want the items.
        if (receivers.Find<T>(subscription.Id) is not { } receiver) return;
        if (error is not null) await receiver.OnErrorAsync(error);
        else await receiver.OnNextAsync(items, subscription.Progress);
    }
}

/// <summary>Makes the handle of a subscription that a grain is told of.</summary>
internal sealed class SubscriptionHandleFactory(StreamHub hub, StreamId streamId, Guid id) : IStreamSubscriptionHandleFactory
{
    public StreamId StreamId => streamId;

    public string ProviderName => hub.Name;

    public GuidId SubscriptionId => GuidId.GetGuidId(id);

    public Orleans.Streams.StreamSubscriptionHandle<T> Create<T>() => new SubscriptionHandle<T>(hub, streamId, id);
}
