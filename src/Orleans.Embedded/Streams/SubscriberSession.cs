using System.Collections.Immutable;
using Orleans.Embedded.Scheduling;
using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>
/// A process that is subscribed to streams whose home is here. It gets one copy of each item, however many subscribers it has: in batches with consecutive numbers, a few at once on their way. What waits is bounded: a process
/// that is too slow, or gone, loses its session and starts over.
/// </summary>
internal sealed class SubscriberSession(StreamMesh mesh, string process, Guid id) : IKeptWork
{
    private readonly StreamBounds _bounds = mesh.Surroundings.Bounds;
    private readonly Lock _lock = new();
    private readonly Dictionary<(StreamHub Hub, StreamId StreamId), ProcessSubscription> _subscriptions = [];
    private readonly Queue<(StreamHub Hub, StreamId StreamId, StreamParcel? Parcel)> _waiting = new();
    private readonly IStreamPeer _peer = mesh.PeerOf(process);
    private long _renewedMs = mesh.Surroundings.NowMs();
    private long _number;
    private int _inFlight;
    private KeptWork _sending;
    private bool _ended;

    public string Process => process;

    public Guid Id => id;

    /// <summary>How long ago the process said that it is there.</summary>
    public long SilentMs => mesh.Surroundings.NowMs() - Volatile.Read(ref _renewedMs);

    /// <summary>The process is there.</summary>
    public void Renew() => Volatile.Write(ref _renewedMs, mesh.Surroundings.NowMs());

    /// <summary>False if the session has ended, or the stream has another home.</summary>
    /// <param name="hub">The provider.</param>
    /// <param name="streamId">The stream.</param>
    /// <param name="view">By which view of the cluster its home is here.</param>
    /// <param name="number">The process's number of the registration.</param>
    public bool TryAdd(StreamHub hub, StreamId streamId, long view, long number)
    {
        ProcessSubscription? subscription;
        lock (_lock)
        {
            if (_ended) return false;
            if (_subscriptions.TryGetValue((hub, streamId), out subscription))
            {
                subscription.View = Math.Max(subscription.View, view);
                subscription.Number = Math.Max(subscription.Number, number);
                return true;
            }

            _subscriptions[(hub, streamId)] = subscription = new ProcessSubscription(hub, streamId, this) { View = view, Number = number };
        }

        hub.Subscribe(streamId, subscription);
        lock (_lock)
        {
            if (!_ended && _subscriptions.TryGetValue((hub, streamId), out var kept) && ReferenceEquals(kept, subscription)) return true;
        }

        // It was removed in between, by who did not find it at the stream yet.
        hub.Find(streamId)?.Remove(subscription);
        return false;
    }

    /// <summary>Takes a stream out, unless it was registered again since.</summary>
    public void Remove(StreamHub hub, StreamId streamId, long number)
    {
        ProcessSubscription? subscription;
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue((hub, streamId), out subscription) || subscription.Number > number) return;
            _subscriptions.Remove((hub, streamId));
        }

        hub.Find(streamId)?.Remove(subscription);
    }

    /// <summary>Takes out the streams that have another home by now.</summary>
    public void RemoveWhere(Func<StreamId, long, bool> condition)
    {
        List<ProcessSubscription> gone;
        lock (_lock)
        {
            gone = [.. _subscriptions.Where(pair => condition(pair.Key.StreamId, pair.Value.View)).Select(pair => pair.Value)];
            foreach (var subscription in gone) _subscriptions.Remove((subscription.Hub, subscription.StreamId));
        }

        foreach (var subscription in gone) subscription.Hub.Find(subscription.StreamId)?.Remove(subscription);
    }

    /// <summary>Sends a parcel after all others; null: the stream lost something.</summary>
    public void Enqueue(StreamHub hub, StreamId streamId, StreamParcel? parcel)
    {
        var tooSlow = false;
        lock (_lock)
        {
            if (_ended) return;
            tooSlow = _waiting.Count >= _bounds.SessionMax;
            if (!tooSlow)
            {
                _waiting.Enqueue((hub, streamId, parcel));
                if (!_sending.IsUnderWay && _inFlight >= _bounds.InFlightMax) return;
                if (!_sending.Add(this, _waiting.Count)) return;
            }
        }

        // Not on this thread, which holds the stream's lock.
        if (tooSlow) _ = mesh.Surroundings.Run(EndTooSlowAsync);
        else TurnQueue.Schedule(this);
    }

    /// <summary>How many parcels wait, and how many batches are on their way.</summary>
    public (int Waiting, int InFlight) Counts
    {
        get
        {
            lock (_lock) return (_waiting.Count, _inFlight);
        }
    }

    /// <summary>Ends the session and tells the process, as far as it can be reached.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            if (_ended) return;
            _ended = true;
            _waiting.Clear();
        }

        RemoveWhere(static (_, _) => true);
        mesh.OnSessionEnded(this, reason);
        _ = _peer.EndedAsync(mesh.ProcessId, id);
    }

    bool IKeptWork.TryTakeKept()
    {
        lock (_lock) return _sending.TryTakeKept();
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TakeWaiting() is { } items) Send(items);
    }

    private Task EndTooSlowAsync()
    {
        End($"{_bounds.SessionMax} parcels wait for it");
        return Task.CompletedTask;
    }

    private List<(StreamHub Hub, StreamId StreamId, StreamParcel? Parcel)>? TakeWaiting()
    {
        lock (_lock)
        {
            if (_ended || _waiting.Count == 0 || _inFlight >= _bounds.InFlightMax)
            {
                _sending.End();
                return null;
            }

            var items = new List<(StreamHub, StreamId, StreamParcel?)>(Math.Min(_waiting.Count, _bounds.BatchMax));
            while (items.Count < _bounds.BatchMax && _waiting.TryDequeue(out var item)) items.Add(item);
            return items;
        }
    }

    // Only one thread sends at a time, so that the numbers leave in order.
    private void Send(List<(StreamHub Hub, StreamId StreamId, StreamParcel? Parcel)> items)
    {
        try
        {
            var entries = ImmutableArray.CreateBuilder<StreamEntry>(items.Count);
            var bytes = 0;
            foreach (var (hub, streamId, parcel) in items)
            {
                var (entry, size) = Entry(hub, streamId, parcel);
                if (bytes > 0 && bytes + size > mesh.BatchBytesMax)
                {
                    Send(entries.DrainToImmutable());
                    bytes = 0;
                }

                entries.Add(entry);
                bytes += size;
            }

            Send(entries.DrainToImmutable());
        }
        catch (Exception exception)
        {
            End(exception.Message);
        }
    }

    /// <summary>What says so in a batch, and its bytes, at most. A parcel that cannot be sent is missed by its own stream alone.</summary>
    private (StreamEntry Entry, int Bytes) Entry(StreamHub hub, StreamId streamId, StreamParcel? parcel)
    {
        var entry = new StreamEntry { Provider = hub.Name, StreamId = streamId };
        var bytes = (3 * (hub.Name.Length + (streamId.GetNamespace()?.Length ?? 0) + streamId.GetKeyAsString().Length)) + 48;
        return parcel is not null && mesh.SizeOf(streamId, parcel, bytes) is { } size ? (entry with { Parcel = ParcelMessage.Of(parcel, mesh.Serializer) }, size) : (entry, bytes);
    }

    private void Send(ImmutableArray<StreamEntry> entries)
    {
        long number;
        lock (_lock)
        {
            _inFlight++;
            number = _number++;
        }

        var sent = _peer.DeliverAsync(mesh.ProcessId, id, number, entries);
        if (sent.IsCompleted) OnSent(sent);
        else _ = sent.ContinueWith(static (task, self) => ((SubscriberSession)self!).OnSent((Task<bool>)task), this, CancellationToken.None, TaskContinuationOptions.None, mesh.Surroundings.Scheduler);
    }

    private void OnSent(Task<bool> sent)
    {
        var isTaken = sent.IsCompletedSuccessfully && sent.Result;
        lock (_lock)
        {
            _inFlight--;
            if (isTaken)
            {
                if (_ended || _waiting.Count == 0 || !_sending.TryBegin()) return;
            }
        }

        if (isTaken) TurnQueue.Schedule(this);
        else End(sent.Exception?.InnerException?.Message ?? "it did not expect what was sent");
    }
}

/// <summary>A process in the place of its subscribers.</summary>
internal sealed class ProcessSubscription(StreamHub hub, StreamId streamId, SubscriberSession session) : StreamSubscription(hub, streamId, Guid.NewGuid(), isImplicit: false)
{
    /// <summary>The newest view of the cluster by which the stream's home is here.</summary>
    public long View { get; set; }

    /// <summary>The newest registration, as the process numbers them.</summary>
    public long Number { get; set; }

    public override bool IsIdle => false;

    public override void AcceptParcel(StreamParcel parcel) => session.Enqueue(Hub, StreamId, parcel);

    public override void Tell(Exception error) => session.Enqueue(Hub, StreamId, null);

    public override void Close()
    {
    }
}
