using System.Collections.Immutable;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Orleans.Streams;
using Warroom.Incidents;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// The lists as this front end follows them: every incident's summary when it changed, and what changed in the catalogue. While one summary is on its way, newer ones of the same incident take the place of older: under load
/// viewers get fewer, never older ones. What the stream lost shows in the database: then the viewers are told to read the list again. They also hear how this front end stands to what it needs.
/// </summary>
internal sealed partial class ListFeed(IClusterClient cluster, IncidentQueries incidents, LiveMetrics metrics, TimeProvider time, ILogger<ListFeed> logger)
    : Feed("incidents", metrics, time), IAsyncObserver<IncidentSummary>, IAsyncObserver<CatalogueChange>
{
    /// <summary>How far before the newest change the database is compared: far longer than a silo's clock is off, or a message under way.</summary>
    private static readonly TimeSpan AuditedTime = TimeSpan.FromMinutes(1);

    /// <summary>The most incidents of that time that are compared, the newest.</summary>
    private const int AuditedMax = 1_000;

    private const string StandingMethod = "Standing";

    private readonly Lock _gate = new();
    private readonly SeenIncidents _seen = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private Dictionary<Guid, IncidentSummary> _waiting = [];
    private bool _isSending;
    private bool _followsIncidents;
    private bool _followsCatalogue;
    private bool _isStarted;

    // Joining and telling take turns, so that what a viewer was told last is how it is.
    private readonly Lock _standingGate = new();
    private ImmutableArray<string> _away = [];
    private long _awaySince;

    /// <summary>Subscribes, once for the life of the process; what failed is tried again by the next viewer, and only that.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isStarted))
        {
            return;
        }

        await _starting.WaitAsync(cancellationToken);
        try
        {
            var streams = cluster.GetStreamProvider(WarroomStreams.Provider);
            if (!_followsIncidents)
            {
                await streams.GetStream<IncidentSummary>(WarroomStreams.Incidents).SubscribeAsync(this);
                _followsIncidents = true;
            }

            if (!_followsCatalogue)
            {
                await streams.GetStream<CatalogueChange>(WarroomStreams.Catalogue).SubscribeAsync(this);
                _followsCatalogue = true;
            }

            if (!_isStarted)
            {
                // What was committed up to now is in the list that the first viewer reads next.
                foreach (var (id, version, updatedAt) in await incidents.ChangedLatelyAsync(AuditedTime, AuditedMax, cancellationToken))
                {
                    _seen.Add(id, version, updatedAt);
                }

                Volatile.Write(ref _isStarted, true);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Adds a viewer and tells it how this front end stands; one that joins again is told again.</summary>
    public void Join(Outbox outbox)
    {
        lock (_standingGate)
        {
            TryJoin(outbox);
            outbox.Send(new SerializedHubMessage(new InvocationMessage(StandingMethod, [StandingNow()])), Topic);
        }
    }

    /// <summary>Notes how this front end stands, and tells all viewers.</summary>
    /// <param name="away">What does not answer.</param>
    /// <param name="since">The timestamp from which on the first of these has not.</param>
    public void Tell(ImmutableArray<string> away, long since)
    {
        lock (_standingGate)
        {
            (_away, _awaySince) = (away, since);
            Broadcast(StandingMethod, StandingNow());
        }
    }

    /// <summary>Compares the list with the database, if anybody watches.</summary>
    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _isStarted))
        {
            return;
        }

        _seen.Forget(AuditedTime + AuditedTime);
        if (HasAudience && _seen.Lost(await incidents.ChangedLatelyAsync(AuditedTime, AuditedMax, cancellationToken)) is > 0 and var lost)
        {
            Metrics.GapSeen();
            LogLost(logger, lost);
            BroadcastBehind();
        }
    }

    public Task OnNextAsync(IncidentSummary item, StreamSequenceToken? token = null)
    {
        _seen.Add(item.Id, item.Version, item.UpdatedAt);
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

    private Standing StandingNow() => new() { Away = _away, AwayMs = _away.IsEmpty ? null : (long)Time.GetElapsedTime(_awaySince).TotalMilliseconds };

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
