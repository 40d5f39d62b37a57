using System.Collections.Immutable;
using System.Text.Json;
using Warroom.Bots;
using Warroom.Frontend.Sessions;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>
/// One bot session as it is followed by this front end. It passes on every event and token once and in order, and keeps the reply in flight with its text so far. Events that the stream lost are read from the log; tokens that
/// it lost from the session's grain, and the viewers are told to watch again.
/// </summary>
internal sealed class SessionFeed(Guid sessionId, IFeedSource source, LogFeedContext context)
    : LogFeed<SessionUpdate>(sessionId, "session", WarroomStreams.Session(sessionId), context)
{
    /// <summary>The messages of a new viewer.</summary>
    public const int AnswerMessagesMax = 100;

    private const int TailAtStart = 50;
    private const int AttemptsMax = 3;

    private SessionView? _view;
    private LiveReplyText? _live;
    private MessagePage? _history;

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

            lock (Gate)
            {
                _history = null;
            }
        }

        throw new DomainException(RefusalKind.Unavailable, "session.moving", "This session moves too fast to be read. Try again in a moment.");
    }

    protected override async Task TakeAsync(SessionUpdate update)
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
            Broadcast("Session", new SessionUpdate { SessionId = Id, Events = fresh, Tokens = tokens });
        }
    }

    protected override Task PassMissingAsync() => PassMissingAsync(long.MaxValue);

    // Tokens may be lost as well, and nothing shows that before the next one.
    protected override async Task CatchUpAfterLossAsync()
    {
        await PassMissingAsync(long.MaxValue);
        await ReloadLiveAsync();
        BroadcastBehind();
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
            await CatchUpAsync();
        }

        lock (Gate)
        {
            return _history = history;
        }
    }

    /// <summary>Session, reply in flight and events of one and the same moment; <see langword="null"/> if the tail does not reach back far enough.</summary>
    private WatchedSession? Answer(SessionView view, MessagePage? history, long afterSeq)
    {
        lock (Gate)
        {
            var after = history?.Version ?? afterSeq;
            if (!Tail.Covers(after) || Tail.Last - after > AnswerEventsMax || (history is not null && after > Tail.Last))
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
                Answers.Forget();
            }

            await ReloadLiveAsync();
            BroadcastBehind();
            return;
        }

        await ApplyAsync(missing);
        Broadcast("Session", new SessionUpdate { SessionId = Id, Events = missing });
    }

    private async Task ApplyAsync(ImmutableArray<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            var happened = JsonSerializer.Deserialize(logged.Body, WarroomJson.Wire.SessionEvent);
            var reload = false;
            lock (Gate)
            {
                Tail.Add(logged);
                Answers.Forget();
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
    private string? TextOf(Guid replyId) => Tail.FindLast(logged => Ended(logged)?.ReplyId == replyId) is { } found ? Ended(found)!.Text : null;

    private static ReplyEnded? Ended(LoggedEvent logged) => JsonSerializer.Deserialize(logged.Body, WarroomJson.Wire.SessionEvent) as ReplyEnded;

    private async Task ReloadLiveAsync()
    {
        var view = await Grain.GetAsync();
        lock (Gate)
        {
            // What the grain knows of another reply is not passed on yet here; its events will say.
            if (view?.Live is { } live && (_live is null || _live.ReplyId == live.ReplyId))
            {
                _live = new LiveReplyText(live);
                Answers.Forget();
            }
        }
    }
}
