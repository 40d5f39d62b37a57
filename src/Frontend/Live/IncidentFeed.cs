using System.Collections.Immutable;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>One incident as it is followed by this front end. It passes on every event once and in order; what the stream lost is read from the log first.</summary>
internal sealed class IncidentFeed(Guid incidentId, IFeedSource source, LogFeedContext context)
    : LogFeed<IncidentUpdate>(incidentId, "incident", WarroomStreams.Incident(incidentId), context)
{
    private IncidentView? _view;

    public override long Version
    {
        get
        {
            lock (Gate)
            {
                return _view?.Version ?? 0;
            }
        }
    }

    protected override async Task LoadAsync()
    {
        var view = await source.FindIncidentAsync(Id) ?? throw new DomainException(RefusalKind.NotFound, "incident.not_found", $"There is no incident {Id}.");
        var start = Math.Max(0, view.Version - Options.TailEventsMax);
        var page = await source.IncidentEventsAsync(Id, start, Math.Min(Options.TailEventsMax, 1_000));
        lock (Gate)
        {
            _view = view;
            FillTail(start, page, view.Version);
        }
    }

    protected override async Task<SerializedAnswer> ReadAsync(long afterSeq, long revision, CancellationToken cancellationToken) =>
        Answers.Write(afterSeq, revision, FromTail(afterSeq) ?? await FromLogAsync(afterSeq, cancellationToken));

    protected override async Task TakeAsync(IncidentUpdate update)
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

    protected override async Task PassMissingAsync()
    {
        if (await source.FindIncidentAsync(Id) is { } view && view.Version > Version)
        {
            Metrics.GapSeen();
            await PassMissingAsync(view, []);
        }
    }

    private static WatchedIncident Answer(IncidentView view, ImmutableArray<LoggedEvent> events, long afterSeq) => new()
    {
        Incident = view,
        Events = events,
        More = (events.IsEmpty ? afterSeq : events[^1].Seq) < view.Version && !events.IsEmpty,
    };

    private WatchedIncident? FromTail(long afterSeq)
    {
        lock (Gate)
        {
            if (!Guards.Resume && afterSeq > 0)
            {
                return Answer(_view!, [], afterSeq);
            }

            return Tail.Covers(afterSeq) ? Answer(_view!, Tail.After(afterSeq, AnswerEventsMax), afterSeq) : null;
        }
    }

    private async Task<WatchedIncident> FromLogAsync(long afterSeq, CancellationToken cancellationToken)
    {
        var page = await source.IncidentEventsAsync(Id, afterSeq, AnswerEventsMax, cancellationToken);
        lock (Gate)
        {
            // Events that the feed has not passed on yet reach this viewer live.
            return Answer(_view!, [.. (page?.Events ?? []).Where(logged => logged.Seq <= _view!.Version)], afterSeq);
        }
    }

    private async Task PassMissingAsync(IncidentView view, ImmutableArray<LoggedEvent> known)
    {
        var last = Version;
        var page = await source.IncidentEventsAsync(Id, last, MissingEventsMax);
        var upTo = known.IsEmpty ? view.Version : known[0].Seq - 1;
        var missing = (page?.Events ?? []).Where(logged => logged.Seq <= upTo).ToImmutableArray();
        if (missing.Length == upTo - last)
        {
            Pass(new IncidentUpdate { IncidentId = Id, Events = missing.AddRange(known), Incident = view });
            return;
        }

        // Too much is missing to pass it all on: the viewers page through the log.
        lock (Gate)
        {
            _view = view;
            Tail.StartAfter(view.Version);
            Answers.Forget();
        }

        BroadcastBehind();
    }

    private void Pass(IncidentUpdate update)
    {
        lock (Gate)
        {
            _view = update.Incident;
            foreach (var logged in update.Events)
            {
                Tail.Add(logged);
            }

            Answers.Forget();
        }

        Broadcast("Timeline", update);
    }
}
