using Orleans.Streams;
using Warroom.Incidents;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// The lists as this front end follows them: every incident's summary when it changed, and what changed in the catalogue. While one summary is on its way, newer ones of the same incident take the place of older: under load
/// viewers get fewer, never older ones.
/// </summary>
internal sealed partial class ListFeed(IClusterClient cluster, LiveMetrics metrics, TimeProvider time, ILogger<ListFeed> logger)
    : Feed("incidents", metrics, time), IAsyncObserver<IncidentSummary>, IAsyncObserver<CatalogueChange>
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private Dictionary<Guid, IncidentSummary> _waiting = [];
    private bool _isSending;
    private bool _isSubscribed;

    /// <summary>Subscribes, once for the life of the process.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isSubscribed))
        {
            return;
        }

        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (!_isSubscribed)
            {
                var streams = cluster.GetStreamProvider(WarroomStreams.Provider);
                await streams.GetStream<IncidentSummary>(WarroomStreams.Incidents).SubscribeAsync(this);
                await streams.GetStream<CatalogueChange>(WarroomStreams.Catalogue).SubscribeAsync(this);
                Volatile.Write(ref _isSubscribed, true);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    public Task OnNextAsync(IncidentSummary item, StreamSequenceToken? token = null)
    {
        if (!HasAudience)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (_waiting.TryGetValue(item.Id, out var known) && known.Version > item.Version)
            {
                return Task.CompletedTask;
            }

            _waiting[item.Id] = item;
            if (_isSending)
            {
                return Task.CompletedTask;
            }

            _isSending = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static feed => feed.SendWaiting(), this, preferLocal: false);
        return Task.CompletedTask;
    }

    public Task OnNextAsync(CatalogueChange item, StreamSequenceToken? token = null)
    {
        Broadcast("Catalogue", item);
        return Task.CompletedTask;
    }

    Task IAsyncObserver<IncidentSummary>.OnErrorAsync(Exception ex) => LostAsync(ex);

    Task IAsyncObserver<CatalogueChange>.OnErrorAsync(Exception ex) => LostAsync(ex);

    private Task LostAsync(Exception exception)
    {
        LogStreamFailed(logger, exception);
        BroadcastBehind();
        return Task.CompletedTask;
    }

    private void SendWaiting()
    {
        while (true)
        {
            Dictionary<Guid, IncidentSummary> batch;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isSending = false;
                    return;
                }

                (batch, _waiting) = (_waiting, []);
            }

            foreach (var summary in batch.Values)
            {
                Broadcast("Incident", summary);
            }
        }
    }
}
