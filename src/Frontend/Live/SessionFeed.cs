using System.Collections.Immutable;
using System.Text.Json;
using Orleans.Streams;
using Warroom.Bots;
using Warroom.Frontend.Sessions;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// One bot session as it is followed by this front end: one subscription, however many viewers. It passes on every event and token once and in order, and keeps the reply in flight with its text so far. Events that the
/// stream lost are read from the log; tokens that it lost from the session's grain, and the viewers are told to watch again.
/// </summary>
internal sealed partial class SessionFeed(
    Guid sessionId,
    IClusterClient cluster,
    SessionQueries queries,
    SessionPages messages,
    LiveOptions options,
    LiveMetrics metrics,
    TimeProvider time,
    ILogger logger) : Feed(sessionId.ToString(), metrics, time), IAsyncObserver<SessionUpdate>, IAuditedFeed
{
    /// <summary>The most events in one answer; who lacks more begins anew with messages.</summary>
    public const int AnswerEventsMax = 500;

    /// <summary>The messages of a new viewer.</summary>
    public const int AnswerMessagesMax = 100;

    private const int MissingEventsMax = 1_000;
    private const int TailAtStart = 50;
    private const int AttemptsMax = 3;

    // Updates and audits, one at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly EventTail _tail = new(options.TailEventsMax, options.TailLengthMax);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamSubscriptionHandle<SessionUpdate>? _subscription;
    private SessionView? _view;
    private LiveReplyText? _live;
    private MessagePage? _history;

    public Guid Id => sessionId;

    /// <summary>Completes when the feed can answer; fails with <c>session.not_found</c> or as the grain or the database fails.</summary>
    public Task Ready => _ready.Task;

    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _view is null ? 0 : _tail.Last;
            }
        }
    }

    public long AuditedVersion { get; set; } = -1;

    private IBotSessionGrain Grain => cluster.GetGrain<IBotSessionGrain>(sessionId);

    /// <summary>Subscribes first and reads then, so that nothing falls between. Called once.</summary>
    public async Task StartAsync()
    {
        try
        {
            _subscription = await cluster.GetStreamProvider(WarroomStreams.Provider).GetStream<SessionUpdate>(WarroomStreams.Session(sessionId)).SubscribeAsync(this);
            var view = await Grain.GetAsync()
                ?? throw new DomainException(RefusalKind.NotFound, "session.not_found", $"There is no session {sessionId}.");
            var start = Math.Max(0, view.Version - TailAtStart);
            var page = await queries.EventsAsync(sessionId, start, TailAtStart);
            lock (_gate)
            {
                _view = view with { Live = null };
                _live = view.Live is { } live ? new LiveReplyText(live) : null;
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

    /// <summary>What a viewer lacks that has everything up to a number; 0: all. Join before asking, so that what comes in between is delivered too.</summary>
    public async Task<WatchedSession> ReadAsync(long afterSeq, CancellationToken cancellationToken)
    {
        var view = await CurrentViewAsync(cancellationToken);
        if (afterSeq > 0 && Answer(view, history: null, afterSeq) is { } events)
        {
            return events;
        }

        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (Answer(view, await HistoryAsync(cancellationToken), afterSeq: 0) is { } answer)
            {
                return answer;
            }

            lock (_gate)
            {
                _history = null;
            }
        }

        throw new DomainException(RefusalKind.Unavailable, "session.moving", "This session moves too fast to be read. Try again in a moment.");
    }

    public async Task OnNextAsync(SessionUpdate item, StreamSequenceToken? token = null)
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
            // The next update or audit sees the same gap and tries again.
            LogCatchUpFailed(logger, sessionId, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task OnErrorAsync(Exception ex)
    {
        LogStreamFailed(logger, sessionId, ex);
        await CatchUpAsync();
        await _turn.WaitAsync();
        try
        {
            // Tokens may be lost as well, and nothing shows that before the next one.
            await ReloadLiveAsync();
            BroadcastBehind();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogCatchUpFailed(logger, sessionId, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Reads what the log has beyond this feed and passes it on.</summary>
    public async Task CatchUpAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await PassMissingAsync(long.MaxValue);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogCatchUpFailed(logger, sessionId, exception);
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

    /// <summary>The view; title and counts are read anew when events have passed since.</summary>
    private async Task<SessionView> CurrentViewAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_view!.Version >= _tail.Last)
            {
                return _view;
            }
        }

        var fresh = await queries.FindAsync(sessionId, cancellationToken);
        lock (_gate)
        {
            return _view = fresh ?? _view!;
        }
    }

    private async Task<MessagePage> HistoryAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_history is { } known && _tail.Last - known.Version <= AnswerEventsMax / 10 && _tail.Covers(known.Version))
            {
                return known;
            }
        }

        var page = await messages.MessagesAsync(sessionId, before: null, AnswerMessagesMax, cancellationToken)
            ?? throw new DomainException(RefusalKind.NotFound, "session.not_found", $"There is no session {sessionId}.");
        var history = new MessagePage { Messages = [.. page.Messages], Version = page.Version, More = page.More };
        if (history.Version > Version)
        {
            // The commit is visible a little before its event comes by.
            await CatchUpAsync();
        }

        lock (_gate)
        {
            return _history = history;
        }
    }

    /// <summary>Session, reply in flight and events of one and the same moment; <see langword="null"/> if the tail does not reach back far enough.</summary>
    private WatchedSession? Answer(SessionView view, MessagePage? history, long afterSeq)
    {
        lock (_gate)
        {
            var after = history?.Version ?? afterSeq;
            if (!_tail.Covers(after) || _tail.Last - after > AnswerEventsMax || (history is not null && after > _tail.Last))
            {
                return null;
            }

            return new()
            {
                Session = view with { Version = _tail.Last, Live = Guards.Resume ? _live?.ToReply() : null },
                Messages = history?.Messages,
                Events = _tail.After(after, AnswerEventsMax),
                MoreBefore = history?.More ?? false,
            };
        }
    }

    private async Task TakeAsync(SessionUpdate update)
    {
        var last = Version;
        if (!update.Events.IsEmpty && update.Events[0].Seq > last + 1)
        {
            Metrics.GapSeen();
            await PassMissingAsync(update.Events[0].Seq - 1);
            last = Version;
        }

        var fresh = update.Events;
        if (!fresh.IsEmpty && fresh[0].Seq <= last)
        {
            fresh = fresh.RemoveRange(0, (int)Math.Min(fresh.Length, last + 1 - fresh[0].Seq));
        }

        if (!fresh.IsEmpty)
        {
            await ApplyAsync(fresh);
        }

        var tokens = update.Tokens is { } batch ? await TakeAsync(batch) : null;
        if (!fresh.IsEmpty || tokens is not null)
        {
            Broadcast("Session", new SessionUpdate { SessionId = sessionId, Events = fresh, Tokens = tokens });
        }
    }

    private async Task<TokenBatch?> TakeAsync(TokenBatch batch)
    {
        Metrics.TokensRelayed(batch.Tokens.Length);
        if (_live?.ReplyId != batch.ReplyId)
        {
            // Of a reply that is over: its text is in its last event.
            return null;
        }

        if (batch.FirstToken > _live.NextToken)
        {
            Metrics.GapSeen();
            await ReloadLiveAsync();
            BroadcastBehind();
            if (_live?.ReplyId != batch.ReplyId || batch.FirstToken > _live.NextToken)
            {
                return null;
            }
        }

        lock (_gate)
        {
            return _live.Add(batch);
        }
    }

    private async Task PassMissingAsync(long upTo)
    {
        var last = Version;
        if (await queries.EventsAsync(sessionId, last, MissingEventsMax) is not { } page)
        {
            return;
        }

        var missing = page.Events.Where(logged => logged.Seq <= upTo).ToImmutableArray();
        if (missing.IsEmpty)
        {
            return;
        }

        if (page.More)
        {
            // Too much is missing to pass it all on: the viewers begin anew.
            lock (_gate)
            {
                _tail.StartAfter(Math.Min(page.Version, upTo));
                _history = null;
            }

            await ReloadLiveAsync();
            BroadcastBehind();
            return;
        }

        await ApplyAsync(missing);
        Broadcast("Session", new SessionUpdate { SessionId = sessionId, Events = missing });
    }

    private async Task ApplyAsync(ImmutableArray<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            var happened = JsonSerializer.Deserialize(logged.Body, WarroomJson.Wire.SessionEvent);
            var reload = false;
            lock (_gate)
            {
                _tail.Add(logged);
                switch (happened)
                {
                    case ReplyStarted started:
                        var before = started.Continues is { } continued ? TextOf(continued) : "";
                        reload = before is null;
                        _live = new LiveReplyText(new()
                        {
                            ReplyId = started.ReplyId,
                            MessageId = started.MessageId,
                            Text = before ?? "",
                            NextToken = 0,
                            StartedAt = started.At,
                            Model = started.Model,
                        });
                        break;
                    case ReplyEnded ended when _live?.ReplyId == ended.ReplyId:
                        _live = null;
                        break;
                }
            }

            if (reload)
            {
                await ReloadLiveAsync();
            }
        }
    }

    /// <summary>The kept text of a reply that ended, if its end is in the tail.</summary>
    private string? TextOf(Guid replyId) => _tail.FindLast(logged => Ended(logged)?.ReplyId == replyId) is { } found ? Ended(found)!.Text : null;

    private static ReplyEnded? Ended(LoggedEvent logged) => JsonSerializer.Deserialize(logged.Body, WarroomJson.Wire.SessionEvent) as ReplyEnded;

    private async Task ReloadLiveAsync()
    {
        var view = await Grain.GetAsync();
        lock (_gate)
        {
            // What the grain knows of another reply is not passed on yet here; its events will say.
            if (view?.Live is { } live && (_live is null || _live.ReplyId == live.ReplyId))
            {
                _live = new LiveReplyText(live);
            }
        }
    }
}
