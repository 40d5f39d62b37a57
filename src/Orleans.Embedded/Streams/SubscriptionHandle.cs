using Orleans.Embedded.Activations;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>A handle of a subscription, of a grain or of code outside of grains.</summary>
internal sealed class SubscriptionHandle<T>(StreamHub hub, StreamId streamId, Guid id) : StreamSubscriptionHandle<T>
{
    public override StreamId StreamId => streamId;

    public override string ProviderName => hub.Name;

    public override Guid HandleId => id;

    public override async Task UnsubscribeAsync()
    {
        var activation = ActivationContext.OfThisTurn;
        if (activation is not null) StreamReceivers.Of(activation).Remove(id);
        if (hub.Find(streamId) is { } topic && Array.Find(topic.Snapshot(), candidate => candidate.Id == id) is { IsImplicit: false } subscription
            && (subscription.IsOfThisProcess || hub.Mesh is null))
        {
            subscription.Close();
            if (topic.Remove(subscription)) hub.Mesh?.RemoveLocal(hub, streamId);
        }
        else if (activation is not null && hub.Mesh is { } mesh)
        {
            await mesh.RemoveGrainAsync(hub, streamId, id);
        }
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Resume(new Receiver<T>(observer, null));
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Resume(new Receiver<T>(null, observer));
    }

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other is not null && other.HandleId == id;

    private Task<StreamSubscriptionHandle<T>> Resume(Receiver<T> receiver)
    {
        var subscription = hub.Find(streamId)?.Snapshot().FirstOrDefault(candidate => candidate.Id == id);
        if (subscription is LocalSubscription<T> local) local.Resume(receiver);
        else if (ActivationContext.OfThisTurn is { } activation) StreamReceivers.Of(activation).Set(id, receiver);
        else throw new InvalidOperationException($"Subscription {id} has ended, or is a grain's, which only the grain can resume.");
        return Task.FromResult<StreamSubscriptionHandle<T>>(this);
    }
}
