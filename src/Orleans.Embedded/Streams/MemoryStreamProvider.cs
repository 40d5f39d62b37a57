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
    public bool IsRewindable => false;

    public string ProviderName => hub.Name;

    public StreamId StreamId => streamId;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        hub.Publish(streamId, item);
        return Task.CompletedTask;
    }

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        hub.Publish<T>(streamId, [.. batch]);
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

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        var activation = ActivationContext.OfThisTurn;
        IList<StreamSubscriptionHandle<T>> handles =
        [
            .. (hub.Find(streamId)?.Snapshot() ?? [])
                .Where(subscription => activation is null
                    ? subscription is LocalSubscription<T> local && ReferenceEquals(local.Owner, provider)
                    : subscription is IGrainSubscription grain && grain.GrainId == activation.GrainId && !subscription.IsImplicit)
                .Select(subscription => new SubscriptionHandle<T>(hub, streamId, subscription.Id)),
        ];
        return Task.FromResult(handles);
    }

    public bool Equals(IAsyncStream<T>? other) => other is not null && other.StreamId == streamId && other.ProviderName == ProviderName;

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : streamId.CompareTo(other.StreamId);

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => streamId.GetHashCode();

    private Task<StreamSubscriptionHandle<T>> Subscribe(Receiver<T> receiver, StreamSequenceToken? token)
    {
        if (token is not null) throw new ArgumentException("Memory streams keep no past: subscribe without a token.", nameof(token));
        var id = Guid.NewGuid();
        if (ActivationContext.OfThisTurn is { } activation)
        {
            StreamReceivers.Of(activation).Set(id, receiver);
            hub.Subscribe(streamId, new GrainSubscription<T>(hub, streamId, id, activation.GrainId, isImplicit: false, null));
        }
        else
        {
            var subscription = new LocalSubscription<T>(hub, streamId, id, provider);
            subscription.Resume(receiver);
            hub.Subscribe(streamId, subscription);
        }

        return Task.FromResult<StreamSubscriptionHandle<T>>(new SubscriptionHandle<T>(hub, streamId, id));
    }
}
