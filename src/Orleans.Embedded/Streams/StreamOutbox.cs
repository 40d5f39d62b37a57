using System.Collections.Immutable;
using Orleans.Embedded.Scheduling;
using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>
/// Items that were published in this process on a stream whose home is elsewhere. They leave one batch after the other, so that the producers' order stays; a batch whose fate is unknown is sent again under its number. The
/// producer waits for none of this: what waits is bounded, and if it is too much it is dropped and the subscribers are told.
/// </summary>
internal sealed class StreamOutbox(StreamMesh mesh, StreamHub hub, StreamId streamId) : IKeptWork
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly StreamBounds _bounds = mesh.Surroundings.Bounds;
    private readonly Lock _lock = new();
    private readonly Queue<StreamParcel> _waiting = new();
    private KeptWork _sending;
    private bool _lost;
    private bool _ended;

    public StreamHub Hub => hub;

    public StreamId StreamId => streamId;

    /// <summary>How many parcels wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>Takes a parcel behind all others. False if this outbox has ended, having been empty.</summary>
    public bool TryEnqueue(StreamParcel parcel)
    {
        lock (_lock)
        {
            if (_ended) return false;
            if (_waiting.Count >= _bounds.OutboxMax)
            {
                hub.Runtime.Metrics.StreamDropped.Add(_waiting.Count);
                _waiting.Clear();
                _lost = true;
            }

            _waiting.Enqueue(parcel);
            if (!_sending.Add(this, _waiting.Count)) return true;
        }

        TurnQueue.Schedule(this);
        return true;
    }

    bool IKeptWork.TryTakeKept()
    {
        lock (_lock) return _sending.TryTakeKept();
    }

    void IThreadPoolWorkItem.Execute() => _ = SendAllAsync();

    private async Task SendAllAsync()
    {
        while (TakeBatch(out var lost) is { } batch)
        {
            try
            {
                await SendAsync(batch, mesh.NextPublication(), lost);
            }
            catch (Exception exception)
            {
                // The process ends, or these items can never arrive: whoever is subscribed has to be told.
                mesh.OnOutboxFailed(streamId, exception);
                lock (_lock) _lost = true;
            }
        }
    }

    private List<StreamParcel>? TakeBatch(out bool lost)
    {
        lock (_lock)
        {
            lost = _lost;
            if (_waiting.Count == 0)
            {
                _sending.End();
                if (!_lost) _ended = true;
                if (_ended) mesh.OnOutboxEmpty(this);
                return null;
            }

            _lost = false;
            var batch = new List<StreamParcel>(Math.Min(_waiting.Count, _bounds.BatchMax));
            var bytes = 0;
            while (batch.Count < _bounds.BatchMax && _waiting.TryPeek(out var parcel))
            {
                if (mesh.SizeOf(streamId, parcel) is not { } size)
                {
                    // The others need not suffer for it.
                    lost = true;
                }
                else
                {
                    if (batch.Count > 0 && bytes + size > mesh.BatchBytesMax) break;
                    batch.Add(parcel);
                    bytes += size;
                }

                _waiting.Dequeue();
            }

            return batch;
        }
    }

    private async Task SendAsync(List<StreamParcel> batch, long number, bool lost)
    {
        while (true)
        {
            var changed = mesh.Changed;
            var view = mesh.ViewVersion;
            if (mesh.HomeOf(streamId) is { } home)
            {
                try
                {
                    var publication = new StreamPublication
                    {
                        Producer = mesh.Producer,
                        Number = number,
                        View = view,
                        Provider = hub.Name,
                        StreamId = streamId,
                        Parcels = [.. batch.Select(parcel => ParcelMessage.Of(parcel, mesh.Serializer))],
                        Lost = lost,
                    };
                    if (await mesh.PeerOf(home).PublishAsync(publication) == HomeAnswer.Done) return;
                }
                catch (Exception exception) when (StreamMesh.IsAway(exception))
                {
                    // It comes back, or another becomes the home.
                }
            }

            mesh.ThrowIfEnded();
            await Task.WhenAny(changed, Task.Delay(Pause, mesh.Surroundings.Time));
        }
    }
}
