using System.Collections.Immutable;
using Warroom.Bots;
using Warroom.Frontend.Sessions;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// One bot session as it is followed by this front end. It passes on every event and token once and in order, and keeps the reply in flight with its text so far. Events that the stream lost are read from the log; tokens that
/// it lost from the session's grain, and the viewers are told to watch again. If the grain does not answer, the reply in flight stays in doubt, and each audit asks again.
/// </summary>
internal sealed class SessionFeed(Guid sessionId, IFeedSource source, LogFeedContext context)
    : LogFeed<SessionUpdate>(sessionId, "session", WarroomStreams.Session(sessionId), context)
{
    /// <summary>The messages of a new viewer.</summary>
    public const int AnswerMessagesMax = 100;

    private const int TailAtStart = 50;
    private const int AttemptsMax = 3;

    private SessionView? _view;
    private MessagePage? _history;
    private Task _settling = Task.CompletedTask;

    // The reply in flight after the last event of the tail; none also if its beginning is not known.
    private LiveReplyText? _live;

    // Whether there may be more of the reply in flight, or another, than is known here: then the grain knows.
    private volatile bool _inDoubt;

    // The last reply whose tokens were dropped: if it begins only then, they are lacking.
    private Guid _droppedOf;

    public override long Version
    {
        get
        {
            lock (Gate)
            {
                return _view is null ? 0 : Tail.Last;
            }
        }
    }

    private IBotSessionGrain Grain => Cluster.GetGrain<IBotSessionGrain>(Id);

    protected override async Task LoadAsync()
    {
        var view = await Grain.GetAsync() ?? throw new DomainException(RefusalKind.NotFound, "session.not_found", $"There is no session {Id}.");
        var start = Math.Max(0, view.Version - TailAtStart);
        var page = await source.SessionEventsAsync(Id, start, TailAtStart);
        lock (Gate)
        {
            _view = view with { Live = null };
            _live = view.Live is { } live ? new LiveReplyText(live) : null;
            FillTail(start, page, view.Version);
        }
    }

    // Who lacks more events than fit one answer begins anew with messages.
    protected override async Task<SerializedAnswer> ReadAsync(long afterSeq, long revision, CancellationToken cancellationToken)
    {
        if (afterSeq > Version)
        {
            // Another front end was faster: what this viewer has seen is committed, and an answer that is older would take it back.
            await PassOnAsync();
            ForgetHistory();
        }

        var view = await CurrentViewAsync(cancellationToken);
        if (afterSeq > 0 && Answer(view, history: null, afterSeq) is { } events)
        {
            return Answers.Write(afterSeq, revision, events);
        }

        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (Answer(view, await HistoryAsync(cancellationToken), afterSeq: 0) is { } answer)
            {
                return Answers.Write(afterSeq, revision, answer);
            }

            ForgetHistory();
        }

        throw new DomainException(RefusalKind.Unavailable, "session.moving", "This session moves too fast to be read. Try again in a moment.");
    }

    protected override async Task TakeAsync(SessionUpdate update)
    {
        var (last, wasInDoubt) = (Version, _inDoubt);
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
            Apply(fresh);
            Broadcast("Session", new SessionUpdate { SessionId = Id, Events = fresh });
        }

        if (update.Tokens is { } batch && await TakeAsync(batch) is { } tokens)
        {
            Broadcast("Session", new SessionUpdate { SessionId = Id, Tokens = tokens });
        }

        // Not before all that is known has been passed on: the grain may not answer.
        if (_inDoubt && !wasInDoubt)
        {
            await ReloadLiveAsync();
        }
    }

    protected override async Task PassMissingAsync()
    {
        await PassMissingAsync(long.MaxValue);
        if (_inDoubt)
        {
            await ReloadLiveAsync();
        }
    }

    // Tokens may be lost as well, and nothing shows that before the next one.
    protected override Task CatchUpAfterLossAsync()
    {
        _inDoubt = true;
        return PassMissingAsync();
    }

    /// <summary>Passes on what the log has and the feed has not, without asking the grain.</summary>
    private Task PassOnAsync() => InTurnAsync(() => PassMissingAsync(long.MaxValue));

    /// <summary>Asks the grain again for the reply in flight if it is in doubt. Nobody waits for the answer, which may take its time.</summary>
    public void Settle()
    {
        if (_inDoubt && HasAudience && _settling.IsCompleted)
        {
            _settling = CatchUpAsync();
        }
    }

    /// <summary>The view; title and counts are read anew when events have passed since.</summary>
    private async Task<SessionView> CurrentViewAsync(CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (_view!.Version >= Tail.Last)
            {
                return _view;
            }
        }

        var fresh = await source.FindSessionAsync(Id, cancellationToken);
        lock (Gate)
        {
            return _view = fresh ?? _view!;
        }
    }

    private async Task<MessagePage> HistoryAsync(CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (_history is { } known && Tail.Last - known.Version <= AnswerEventsMax / 10 && Tail.Covers(known.Version))
            {
                return known;
            }
        }

        var page = await source.LastMessagesAsync(Id, AnswerMessagesMax, cancellationToken)
            ?? throw new DomainException(RefusalKind.NotFound, "session.not_found", $"There is no session {Id}.");
        var history = new MessagePage { Messages = [.. page.Messages], Version = page.Version, More = page.More };
        if (history.Version > Version)
        {
            // The commit is visible a little before its event comes by.
            await PassOnAsync();
        }

        lock (Gate)
        {
            return _history = history;
        }
    }

    private void ForgetHistory()
    {
        lock (Gate)
        {
            _history = null;
        }
    }

    /// <summary>Session, reply in flight and events of one and the same moment; <see langword="null"/> if the tail does not reach back far enough, or ends before.</summary>
    private WatchedSession? Answer(SessionView view, MessagePage? history, long afterSeq)
    {
        lock (Gate)
        {
            var after = history?.Version ?? afterSeq;
            if (!Tail.Covers(after) || after > Tail.Last || Tail.Last - after > AnswerEventsMax)
            {
                return null;
            }

            return new()
            {
                Session = view with { Version = Tail.Last, Live = Guards.Resume ? _live?.ToReply() : null },
                Messages = history?.Messages,
                Events = Tail.After(after, AnswerEventsMax),
                MoreBefore = history?.More ?? false,
            };
        }
    }

    private async Task<TokenBatch?> TakeAsync(TokenBatch batch)
    {
        Metrics.TokensRelayed(batch.Tokens.Length);
        if (_live?.ReplyId == batch.ReplyId ? batch.FirstToken > _live.NextToken : _live is null && _inDoubt)
        {
            Metrics.GapSeen();
            _inDoubt = true;
            await ReloadLiveAsync();
        }

        if (_live?.ReplyId != batch.ReplyId)
        {
            // Of a reply that is over: its text is in its last event. Or of one whose beginning is still to come.
            _droppedOf = batch.ReplyId;
            return null;
        }

        if (batch.FirstToken > _live.NextToken)
        {
            return null;
        }

        lock (Gate)
        {
            Answers.Forget();
            return _live.Add(batch);
        }
    }

    private async Task PassMissingAsync(long upTo)
    {
        var last = Version;
        if (await source.SessionEventsAsync(Id, last, MissingEventsMax) is not { } page)
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
            lock (Gate)
            {
                Tail.StartAfter(Math.Min(page.Version, upTo));
                _history = null;

                // It may have ended in what was not passed on; if it has not, the grain has it.
                _live = null;
                _inDoubt = true;
                Answers.Forget();
            }

            BroadcastBehind();
            return;
        }

        Apply(missing);
        Broadcast("Session", new SessionUpdate { SessionId = Id, Events = missing });
    }

    private void Apply(ImmutableArray<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            var happened = WarroomJson.SessionEventOf(logged.Body);
            lock (Gate)
            {
                switch (happened)
                {
                    case ReplyStarted started:
                        Begin(started);
                        break;
                    case ReplyEnded ended when _live?.ReplyId == ended.ReplyId:
                        _live = null;
                        break;
                }

                Tail.Add(logged);
                Answers.Forget();
            }
        }
    }

    /// <summary>A reply is in flight from now on. Under the gate.</summary>
    private void Begin(ReplyStarted started)
    {
        // What it goes on from has just ended and is in the tail, unless too much was missing: then only the grain knows it, and without it tokens would be shown as if they were all.
        var begun = started.Continues is { } continued ? TextOf(continued) : "";
        _inDoubt |= begun is null || _droppedOf == started.ReplyId;
        _live = begun is null ? null : new LiveReplyText(new()
        {
            ReplyId = started.ReplyId,
            MessageId = started.MessageId,
            Text = begun,
            NextToken = 0,
            StartedAt = started.At,
            Model = started.Model,
        });
    }

    /// <summary>The kept text of a reply that ended, if its end is in the tail.</summary>
    private string? TextOf(Guid replyId) => Tail.FindLast(logged => Ended(logged)?.ReplyId == replyId) is { } found ? Ended(found)!.Text : null;

    private static ReplyEnded? Ended(LoggedEvent logged) => WarroomJson.SessionEventOf(logged.Body) as ReplyEnded;

    /// <summary>Takes the reply in flight from the grain. It stays in doubt if the grain does not answer, or knows less of the log than is passed on here. In a turn.</summary>
    private async Task ReloadLiveAsync()
    {
        if (await Grain.GetAsync() is not { } view)
        {
            return;
        }

        if (view.Version > Version)
        {
            // What it says is of later: first pass on what lies between.
            await PassMissingAsync(view.Version);
        }

        lock (Gate)
        {
            var (live, isSame) = (view.Live, view.Live?.ReplyId == _live?.ReplyId);
            if (view.Version != Tail.Last && (live is null || !isSame))
            {
                return;
            }

            _inDoubt = false;
            if (isSame && live?.NextToken == _live?.NextToken)
            {
                return;
            }

            _live = live is null ? null : new LiveReplyText(live);
            Answers.Forget();
        }

        BroadcastBehind();
    }
}
