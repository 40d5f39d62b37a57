using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>Receives what is published on a stream, one item after the other.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public interface IAsyncObserver<in T>
{
    /// <summary>One item. The next comes when the task has completed.</summary>
    Task OnNextAsync(T item, StreamSequenceToken? token = null);

    /// <summary>The publisher said that nothing more comes.</summary>
    Task OnCompletedAsync() => Task.CompletedTask;

    /// <summary>The publisher, or the stream itself, says that something went wrong.</summary>
    Task OnErrorAsync(Exception ex) => Task.FromException(ex);
}

/// <summary>One item of a batch.</summary>
/// <typeparam name="T">The item's type.</typeparam>
public class SequentialItem<T>
{
    /// <summary>Puts item and token together.</summary>
    public SequentialItem(T item, StreamSequenceToken token)
    {
        Item = item;
        Token = token;
    }

    /// <summary>The item.</summary>
    public T Item { get; }

    /// <summary>Its place in the stream.</summary>
    public StreamSequenceToken Token { get; }
}

/// <summary>Receives what is published on a stream, batch by batch.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public interface IAsyncBatchObserver<T>
{
    /// <summary>One batch. The next comes when the task has completed.</summary>
    Task OnNextAsync(IList<SequentialItem<T>> items);

    /// <summary>The publisher said that nothing more comes.</summary>
    Task OnCompletedAsync() => Task.CompletedTask;

    /// <summary>The publisher, or the stream itself, says that something went wrong.</summary>
    Task OnErrorAsync(Exception ex) => Task.FromException(ex);
}

/// <summary>Publishes batches.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public interface IAsyncBatchProducer<T> : IAsyncObserver<T>
{
    /// <summary>Publishes items that stay together and in order.</summary>
    Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null);
}

/// <summary>Something that can be subscribed to item by item.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public interface IAsyncObservable<T>
{
    /// <summary>
    /// Subscribes. What is published after the task completed is received. A grain's subscription stays until it is ended;
    /// one made outside of grains ends with its process.
    /// </summary>
    Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);

    /// <summary>Subscribes. A token in the past is refused where the provider keeps no past.</summary>
    Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null);
}

/// <summary>Something that can be subscribed to batch by batch.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public interface IAsyncBatchObservable<T>
{
    /// <summary>Subscribes.</summary>
    Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer);

    /// <summary>Subscribes. A token in the past is refused where the provider keeps no past.</summary>
    Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token);
}

/// <summary>A stream, whatever its items are.</summary>
public interface IAsyncStream
{
    /// <summary>Whether a subscription can start in the past.</summary>
    bool IsRewindable { get; }

    /// <summary>The provider's name.</summary>
    string ProviderName { get; }

    /// <summary>Who the stream is.</summary>
    StreamId StreamId { get; }
}

/// <summary>
/// A stream: what is published reaches everybody who is subscribed. Items of one producer arrive in order; a slow or throwing subscriber
/// disturbs neither the producer nor the others.
/// </summary>
/// <typeparam name="T">The items' type; items are shared, so they must not change.</typeparam>
public interface IAsyncStream<T> : IAsyncStream, IEquatable<IAsyncStream<T>>, IComparable<IAsyncStream<T>>,
    IAsyncObservable<T>, IAsyncBatchObservable<T>, IAsyncBatchProducer<T>
{
    /// <summary>The subscriptions that the caller has to this stream: those of the grain that asks, or of the process outside of grains.</summary>
    Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles();
}

/// <summary>Gives streams by their identity.</summary>
public interface IStreamProvider
{
    /// <summary>The provider's name.</summary>
    string Name { get; }

    /// <summary>Whether subscriptions can start in the past.</summary>
    bool IsRewindable { get; }

    /// <summary>A stream. It need not be made: it is there.</summary>
    IAsyncStream<T> GetStream<T>(StreamId streamId);
}

/// <summary>A subscription.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public abstract class StreamSubscriptionHandle<T> : IEquatable<StreamSubscriptionHandle<T>>
{
    /// <summary>Which stream.</summary>
    public abstract StreamId StreamId { get; }

    /// <summary>Which provider.</summary>
    public abstract string ProviderName { get; }

    /// <summary>Which subscription.</summary>
    public abstract Guid HandleId { get; }

    /// <summary>Ends the subscription. Nothing more is received after the task completed; a repeat is safe.</summary>
    public abstract Task UnsubscribeAsync();

    /// <summary>Goes on with another observer, as a new activation of a grain does.</summary>
    public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null);

    /// <summary>Goes on with another observer, batch by batch.</summary>
    public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null);

    /// <inheritdoc/>
    public abstract bool Equals(StreamSubscriptionHandle<T>? other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => HandleId.GetHashCode();
}

/// <summary>A place in a stream: the number of the publication and the item's place in it.</summary>
public abstract class StreamSequenceToken : IEquatable<StreamSequenceToken>, IComparable<StreamSequenceToken>
{
    /// <summary>The number of the publication.</summary>
    public abstract long SequenceNumber { get; protected set; }

    /// <summary>The item's place in its batch.</summary>
    public abstract int EventIndex { get; protected set; }

    /// <inheritdoc/>
    public abstract bool Equals(StreamSequenceToken? other);

    /// <inheritdoc/>
    public abstract int CompareTo(StreamSequenceToken? other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);
}
