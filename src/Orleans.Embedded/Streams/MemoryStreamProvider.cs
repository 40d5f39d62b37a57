using Orleans.Embedded.Activations;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>A stream provider as grains or a client see it; all of one name in a silo share its hub.</summary>
internal sealed class MemoryStreamProvider(StreamHub hub) : IStreamProvider
{
    public string Name => hub.Name;

    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new MemoryStream<T>(hub, this, streamId);
}

/// <summary>A stream; it holds nothing itself.</summary>
internal sealed class MemoryStream<T>(StreamHub hub, MemoryStreamProvider provider, StreamId streamId) : IAsyncStream<T>
{
    private long _home;

    public bool IsRewindable => false;

    public string ProviderName => hub.Name;

    public StreamId StreamId => streamId;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        if (hub.Mesh is not { } mesh || mesh.MayPublishHere(hub, streamId, ref _home)) hub.Publish(streamId, item);
        else mesh.Publish(hub, streamId, new PublishedParcel<T>([item]));
        return Task.CompletedTask;
    }

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        T[] items = [.. batch];
        if (hub.Mesh is not { } mesh || mesh.MayPublishHere(hub, streamId, ref _home)) hub.Publish<T>(streamId, items);
        else if (items.Length > 0) mesh.Publish(hub, streamId, new PublishedParcel<T>(items));
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => throw new NotSupportedException("Memory streams do not end.");

    public Task OnErrorAsync(Exception ex) => throw new NotSupportedException("Memory streams do not carry errors of publishers.");

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => SubscribeAsync(observer, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Subscribe(new Receiver<T>(observer, null), token);
    }

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) => SubscribeAsync(observer, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Subscribe(new Receiver<T>(null, observer), token);
    }

    public async Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        IEnumerable<Guid> ids;
        if (ActivationContext.OfThisTurn is not { } activation)
            ids = Here().OfType<LocalSubscription<T>>().Where(subscription => ReferenceEquals(subscription.Owner, provider)).Select(subscription => subscription.Id);
        else if (hub.Mesh is { } mesh) ids = await mesh.GrainSubscriptionsAsync(hub, streamId, activation.GrainId);
        else ids = Here().OfType<GrainSubscription>().Where(subscription => subscription.GrainId == activation.GrainId && !subscription.IsImplicit).Select(subscription => subscription.Id);
        return [.. ids.Select(id => new SubscriptionHandle<T>(hub, streamId, id))];
    }

    public bool Equals(IAsyncStream<T>? other) => other is not null && other.StreamId == streamId && other.ProviderName == ProviderName;

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : streamId.CompareTo(other.StreamId);

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => streamId.GetHashCode();

    private StreamSubscription[] Here() => hub.Find(streamId)?.Snapshot() ?? [];

    private async Task<StreamSubscriptionHandle<T>> Subscribe(Receiver<T> receiver, StreamSequenceToken? token)
    {
        if (token is not null) throw new ArgumentException("Memory streams keep no past: subscribe without a token.", nameof(token));
        var id = Guid.NewGuid();
        if (ActivationContext.OfThisTurn is { } activation) await SubscribeGrainAsync(activation, id, receiver);
        else await SubscribeHereAsync(id, receiver);
        return new SubscriptionHandle<T>(hub, streamId, id);
    }

    private async Task SubscribeGrainAsync(ActivationContext activation, Guid id, Receiver<T> receiver)
    {
        var receivers = StreamReceivers.Of(activation);
        receivers.Set(id, receiver);
        try
        {
            if (hub.Mesh is { } mesh) await mesh.AddGrainAsync(hub, streamId, id, activation.GrainId);
            else hub.Subscribe(streamId, new GrainSubscription(hub, streamId, id, activation.GrainId, isImplicit: false, null));
        }
        catch
        {
            receivers.Remove(id);
            throw;
        }
    }

    private async Task SubscribeHereAsync(Guid id, Receiver<T> receiver)
    {
        var subscription = new LocalSubscription<T>(hub, streamId, id, provider);
        subscription.Resume(receiver);

        // Counted before anybody can find and end it.
        var known = hub.Mesh?.AddLocalAsync(hub, streamId);
        hub.Subscribe(streamId, subscription);
        if (known is null) return;
        try
        {
            await known;
        }
        catch
        {
            subscription.Close();
            if (hub.Find(streamId)?.Remove(subscription) == true) hub.Mesh!.RemoveLocal(hub, streamId);
            throw;
        }
    }
}
