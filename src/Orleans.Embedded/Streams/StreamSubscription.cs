using Orleans.Embedded.Scheduling;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>Takes items of a stream.</summary>
internal interface IStreamSink<in T>
{
    void Accept(T item, StreamToken token);
}

/// <summary>A subscription, whatever its items are.</summary>
internal abstract class StreamSubscription(StreamHub hub, StreamId streamId, Guid id, bool isImplicit)
{
    public Guid Id => id;

    public StreamId StreamId => streamId;

    public bool IsImplicit => isImplicit;

    public StreamHub Hub => hub;

    /// <summary>Whether it is one of code in this very process, and not one that the stream's home keeps for others.</summary>
    public virtual bool IsOfThisProcess => false;

    /// <summary>Whether nothing is on its way.</summary>
    public abstract bool IsIdle { get; }

    public abstract void Close();

    /// <summary>Takes what was published in another process, or as another type than this subscriber's.</summary>
    public abstract void AcceptParcel(StreamParcel parcel);

    /// <summary>Tells the subscriber of an error, such as that it may have lost its place.</summary>
    public abstract void Tell(Exception error);
}

/// <summary>
/// A subscription with its buffer. Items are delivered one after the other, or in batches, on pool threads: on the thread that published when its turns end there, otherwise on another. When the buffer is full the
/// subscriber has lost its place: what waits is dropped and it is told so.
/// </summary>
internal abstract class StreamSubscription<T>(StreamHub hub, StreamId streamId, Guid id, bool isImplicit)
    : StreamSubscription(hub, streamId, id, isImplicit), IStreamSink<T>, IKeptWork
{
    private const int AttemptsMax = 3;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Queue<StreamItem<T>> _buffer = new();
    private Exception? _error;
    private KeptWork _delivery;
    private bool _closed;

    public override bool IsIdle
    {
        get
        {
            lock (_lock) return !_delivery.IsUnderWay;
        }
    }

    /// <summary>How many items wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _buffer.Count;
        }
    }

    /// <summary>How far the delivery under way has come.</summary>
    public DeliveryProgress Progress { get; } = new();

    /// <summary>How many items one delivery takes.</summary>
    protected abstract int BatchMax { get; }

    protected bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>How many of the items go together, from the first one on; with an exception, they cannot be delivered at all, and the subscriber is told so.</summary>
    protected virtual int Together(ReadOnlySpan<StreamItem<T>> items, out Exception? missing)
    {
        missing = null;
        return items.Length;
    }

    public void Accept(T item, StreamToken token)
    {
        lock (_lock)
        {
            if (_closed) return;
            if (_buffer.Count >= Hub.Surroundings.Bounds.SubscriberMax)
            {
                Hub.Runtime.Metrics.StreamDropped.Add(_buffer.Count);
                _error = new QueueCacheMissException($"The subscriber was too slow: {_buffer.Count} items before {token} were dropped.");
                _buffer.Clear();
            }

            _buffer.Enqueue(new StreamItem<T>(item, token));
            if (!_delivery.Add(this, _buffer.Count)) return;
        }

        TurnQueue.Schedule(this);
    }

    public override void Tell(Exception error)
    {
        lock (_lock)
        {
            _error ??= error;
            if (_closed || !_delivery.TryBegin()) return;
        }

        TurnQueue.Schedule(this);
    }

    public override void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _buffer.Clear();
        }
    }

    bool IKeptWork.TryTakeKept()
    {
        lock (_lock) return _delivery.TryTakeKept();
    }

    void IThreadPoolWorkItem.Execute() => _ = DeliverAllAsync();

    /// <summary>Delivers; an exception has the same items delivered again.</summary>
    protected abstract Task DeliverAsync(ReadOnlyMemory<StreamItem<T>> items);

    protected abstract Task DeliverErrorAsync(Exception exception);

    /// <summary>Everything is delivered, for now.</summary>
    protected virtual void OnIdle()
    {
    }

    private async Task DeliverAllAsync()
    {
        // One item is the usual case: it needs no array of its own.
        var single = new StreamItem<T>[1];
        while (TakeNext(single, out var items, out var error))
        {
            if (error is not null) await ReportAsync(error);
            else await DeliverWithRetriesAsync(items);
        }

        OnIdle();
    }

    private bool TakeNext(StreamItem<T>[] single, out ReadOnlyMemory<StreamItem<T>> items, out Exception? error)
    {
        items = default;
        lock (_lock)
        {
            error = _error;
            _error = null;
            if (error is not null && !_closed) return true;
            if (_closed || _buffer.Count == 0)
            {
                _delivery.End();
                return false;
            }

            var count = Math.Min(BatchMax, _buffer.Count);
            var array = count == 1 ? single : new StreamItem<T>[count];
            for (var i = 0; i < count; i++) array[i] = _buffer.Dequeue();
            items = array.AsMemory(0, count);
            return true;
        }
    }

    private async Task DeliverWithRetriesAsync(ReadOnlyMemory<StreamItem<T>> items)
    {
        var attempt = 0;
        while (!IsClosed && items.Length > 0)
        {
            Progress.Begin();
            var count = items.Length;
            try
            {
                count = Together(items.Span, out var missing);
                if (missing is not null)
                {
                    await ReportAsync(missing);
                }
                else
                {
                    await DeliverAsync(items[..count]);
                    Hub.Runtime.Metrics.StreamItems.Add(count);
                }

                items = items[count..];
                attempt = 0;
            }
            catch (Exception exception)
            {
                // What was handled before one item failed is not given again.
                if (Progress.Done > 0) attempt = 0;
                items = items[Progress.Done..];
                Hub.Runtime.OnStreamFailed(Hub.Name, Id, ++attempt, exception);
                if (exception is SiloUnavailableException && Hub.Mesh is null) return;
                if (attempt < AttemptsMax && exception is not InvalidCastException)
                {
                    await Task.Delay(FirstRetry * (1 << (2 * (attempt - 1))), Hub.Surroundings.Time);
                    continue;
                }

                await ReportAsync(exception);
                items = items[(Progress.IsWholeBatch ? Math.Min(count, items.Length) : Math.Min(1, items.Length))..];
                attempt = 0;
            }
        }
    }

    private async Task ReportAsync(Exception error)
    {
        try
        {
            await DeliverErrorAsync(error);
        }
        catch (Exception exception)
        {
            Hub.Runtime.OnStreamFailed(Hub.Name, Id, 0, exception);
        }
    }
}

/// <summary>How far a delivery has come, so that a failure is not paid for by the items beside it.</summary>
internal sealed class DeliveryProgress
{
    /// <summary>Items handled, one by one.</summary>
    public int Done { get; set; }

    /// <summary>Whether the observer takes batches, which succeed or fail as one.</summary>
    public bool IsWholeBatch { get; set; }

    public void Begin()
    {
        Done = 0;
        IsWholeBatch = false;
    }
}
