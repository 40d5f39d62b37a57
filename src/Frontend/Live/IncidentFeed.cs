using System.Collections.Immutable;
using Orleans.Streams;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// One incident as it is followed by this front end: one subscription, however many viewers. It passes on every event once and in order; what the stream lost is read from the log first.
/// </summary>
internal sealed partial class IncidentFeed(Guid incidentId, IClusterClient cluster, IncidentQueries queries, LiveOptions options, LiveMetrics metrics, TimeProvider time, ILogger logger)
    : Feed(incidentId.ToString(), metrics, time), IAsyncObserver<IncidentUpdate>, IAuditedFeed
{
    /// <summary>The most events in one answer.</summary>
    public const int AnswerEventsMax = 500;

    /// <summary>The most missing events that are passed on; more, and the viewers are told to catch up.</summary>
    private const int MissingEventsMax = 1_000;

    // Updates and audits, one at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly EventTail _tail = new(options.TailEventsMax, options.TailLengthMax);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamSubscriptionHandle<IncidentUpdate>? _subscription;
    private IncidentView? _view;

    public Guid Id => incidentId;

    /// <summary>Completes when the feed can answer; fails with <c>incident.not_found</c> or as the database fails.</summary>
    public Task Ready => _ready.Task;

    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _view?.Version ?? 0;
            }
        }
    }

    public long AuditedVersion { get; set; } = -1;

    /// <summary>Subscribes first and reads then, so that nothing falls between. Called once.</summary>
    public async Task StartAsync()
    {
        try
        {
            _subscription = await cluster.GetStreamProvider(WarroomStreams.Provider).GetStream<IncidentUpdate>(WarroomStreams.Incident(incidentId)).SubscribeAsync(this);
            var view = await queries.FindAsync(incidentId)
                ?? throw new DomainException(RefusalKind.NotFound, "incident.not_found", $"There is no incident {incidentId}.");
            var start = Math.Max(0, view.Version - options.TailEventsMax);
            var page = await queries.TimelineAsync(incidentId, start, Math.Min(options.TailEventsMax, 1_000));
            lock (_gate)
            {
                _view = view;
                _tail.StartAfter(start);
                foreach (var logged in page?.Events ?? [])
                {
                    // What is newer comes by the stream as well.
                    if (logged.Seq <= view.Version)
                    {
                        _tail.Add(logged);
                    }
                }

                if (_tail.Last != view.Version)
                {
                    _tail.StartAfter(view.Version);
                }
            }

            _ready.SetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whoever waits for the feed gets the reason; the next viewer begins a new one.
            _ready.SetException(exception);
        }
    }

    /// <summary>What a viewer lacks that has everything up to a number. Join before asking, so that what comes in between is delivered too.</summary>
    public async Task<WatchedIncident> ReadAsync(long afterSeq, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!Guards.Resume)
            {
                return Answer(_view!, [], afterSeq);
            }

            if (_tail.Covers(afterSeq))
            {
                return Answer(_view!, _tail.After(afterSeq, AnswerEventsMax), afterSeq);
            }
        }

        var page = await queries.TimelineAsync(incidentId, afterSeq, AnswerEventsMax, cancellationToken);
        lock (_gate)
        {
            // Events that the feed has not passed on yet reach this viewer live.
            return Answer(_view!, [.. (page?.Events ?? []).Where(logged => logged.Seq <= _view!.Version)], afterSeq);
        }
    }

    public async Task OnNextAsync(IncidentUpdate item, StreamSequenceToken? token = null)
    {
        try
        {
            await _ready.Task;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The feed never began; whoever waited for it was told.
            return;
        }

        await _turn.WaitAsync();
        try
        {
            await TakeAsync(item);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The next event or audit sees the same gap and tries again.
            LogCatchUpFailed(logger, incidentId, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task OnErrorAsync(Exception ex)
    {
        LogStreamFailed(logger, incidentId, ex);
        return CatchUpAsync();
    }

    /// <summary>Reads what the log has beyond this feed and passes it on.</summary>
    public async Task CatchUpAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (await queries.FindAsync(incidentId) is { } view && view.Version > Version)
            {
                Metrics.GapSeen();
                await PassMissingAsync(view, []);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogCatchUpFailed(logger, incidentId, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override async Task EndAsync()
    {
        if (_subscription is { } subscription)
        {
            await subscription.UnsubscribeAsync();
        }
    }

    private static WatchedIncident Answer(IncidentView view, ImmutableArray<LoggedEvent> events, long afterSeq) => new()
    {
        Incident = view,
        Events = events,
        More = (events.IsEmpty ? afterSeq : events[^1].Seq) < view.Version && !events.IsEmpty,
    };

    private async Task TakeAsync(IncidentUpdate update)
    {
        var last = Version;
        if (update.Events.IsEmpty || update.Events[^1].Seq <= last)
        {
            return;
        }

        if (update.Events[0].Seq > last + 1)
        {
            Metrics.GapSeen();
            await PassMissingAsync(update.Incident, update.Events);
            return;
        }

        Pass(update.Events[0].Seq == last + 1 ? update : update with { Events = update.Events.RemoveRange(0, (int)(last + 1 - update.Events[0].Seq)) });
    }

    private async Task PassMissingAsync(IncidentView view, ImmutableArray<LoggedEvent> known)
    {
        var last = Version;
        var page = await queries.TimelineAsync(incidentId, last, MissingEventsMax);
        var upTo = known.IsEmpty ? view.Version : known[0].Seq - 1;
        var missing = (page?.Events ?? []).Where(logged => logged.Seq <= upTo).ToImmutableArray();
        if (missing.Length == upTo - last)
        {
            Pass(new IncidentUpdate { IncidentId = incidentId, Events = missing.AddRange(known), Incident = view });
            return;
        }

        // Too much is missing to pass it all on: the viewers page through the log.
        lock (_gate)
        {
            _view = view;
            _tail.StartAfter(view.Version);
        }

        BroadcastBehind();
    }

    private void Pass(IncidentUpdate update)
    {
        lock (_gate)
        {
            _view = update.Incident;
            foreach (var logged in update.Events)
            {
                _tail.Add(logged);
            }
        }

        Broadcast("Timeline", update);
    }
}
