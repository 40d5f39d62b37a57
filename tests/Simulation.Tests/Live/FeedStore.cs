using Warroom.Bots;
using Warroom.Frontend.Live;
using Warroom.Incidents;
using Warroom.Persistence;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Live;

/// <summary>What the database holds: the logs of incidents, or those of sessions with their rows.</summary>
internal sealed class FeedStore
{
    public Dictionary<Guid, List<LoggedEvent>> Logs { get; } = [];

    /// <summary>The rows of sessions, each with the text so far of its reply in flight as it was saved last.</summary>
    public Dictionary<Guid, SessionState> Sessions { get; } = [];

    public List<LoggedEvent> Append(Guid id, IEnumerable<string> bodies)
    {
        var log = Logs[id];
        var added = new List<LoggedEvent>();
        foreach (var body in bodies)
        {
            var seq = log.Count + 1;
            log.Add(new LoggedEvent { Seq = seq, Hash = EventHash.Next(seq == 1 ? EventHash.Genesis : log[^1].Hash, id, seq, body), Body = body });
            added.Add(log[^1]);
        }

        return added;
    }

    /// <summary>Commits what was decided on a session's row; what was appended.</summary>
    public IReadOnlyList<LoggedEvent> Commit(Guid id, SessionDecision decision)
    {
        var log = decision.ToLog(id, Sessions.GetValueOrDefault(id));
        if (log.State is not { } state) return [];
        Sessions[id] = state;
        return Append(id, log.Bodies);
    }

    public IncidentView View(Guid id) => new()
    {
        Id = id,
        Version = Logs[id].Count,
        Title = "An incident",
        Severity = Severity.High,
        Status = IncidentStatus.Open,
        CreatedAt = DateTimeOffset.UnixEpoch,
        StartedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        OpenedBy = Author.Warroom,
    };
}

/// <summary>One front end's way to the database: it takes time, and what it brings was so somewhere on the way; it may fail before or after it was read.</summary>
internal sealed class FeedReader(LiveWorld world, SimulatedProcess process) : IFeedSource
{
    /// <summary>Reads of events, of an incident or of a session.</summary>
    public long Reads { get; private set; }

    public Task<IncidentView?> FindIncidentAsync(Guid id, CancellationToken cancellationToken = default)
    {
        Reads++;
        return ReadAsync<IncidentView?>(() => world.Store.View(id));
    }

    public Task<LogPage?> IncidentEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) => EventsAsync(id, afterSeq, limit);

    public Task<IReadOnlyDictionary<Guid, long>> IncidentVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => VersionsAsync(ids);

    public Task<SessionView?> FindSessionAsync(Guid id, CancellationToken cancellationToken = default)
    {
        Reads++;
        return ReadAsync<SessionView?>(() => SessionActivation.View(world.Store.Sessions[id]));
    }

    public Task<LogPage?> SessionEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) => EventsAsync(id, afterSeq, limit);

    public Task<SessionMessages?> LastMessagesAsync(Guid id, int limit, CancellationToken cancellationToken = default)
    {
        Reads++;
        return ReadAsync<SessionMessages?>(() =>
        {
            var (log, most) = (world.Store.Logs[id], Math.Min(limit, world.MessagesMax));
            var messages = SessionHistory.Fold(log);

            // What a reply in flight goes on from is in the reply that it continues: of its own it has no text yet.
            var stored = messages.TakeLast(most).Select(message => message.Status == ReplyStatus.Streaming ? message with { Text = "" } : message);
            return new SessionMessages([.. stored], log.Count, messages.Count > most);
        });
    }

    public Task<IReadOnlyDictionary<Guid, long>> SessionVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => VersionsAsync(ids);

    private Task<LogPage?> EventsAsync(Guid id, long afterSeq, int limit)
    {
        Reads++;
        return ReadAsync<LogPage?>(() =>
        {
            var log = world.Store.Logs[id];
            var events = world.Mutation == LiveMutation.GapNotRead ? [] : log.Skip((int)afterSeq).Take(Math.Min(limit, world.PageMax)).ToList();
            return new LogPage(events, log.Count, afterSeq + events.Count < log.Count);
        });
    }

    private Task<IReadOnlyDictionary<Guid, long>> VersionsAsync(IReadOnlyList<Guid> ids) =>
        ReadAsync<IReadOnlyDictionary<Guid, long>>(() => ids.ToDictionary(id => id, id => (long)world.Store.Logs[id].Count));

    private async Task<T> ReadAsync<T>(Func<T> read)
    {
        await process.Delay(world.Latency());
        if (world.Fails(8)) throw new IOException("The database is out of reach.");
        var answer = read();
        await process.Delay(world.Latency());
        if (world.Fails(4)) throw new IOException("The answer was lost.");
        return answer;
    }
}
