using Warroom.Bots;
using Warroom.Frontend.Live;
using Warroom.Incidents;
using Warroom.Persistence;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Live;

/// <summary>What the database holds: the incidents' logs.</summary>
internal sealed class FeedStore
{
    public Dictionary<Guid, List<LoggedEvent>> Logs { get; } = [];

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
    /// <summary>Reads of events or of an incident.</summary>
    public long Reads { get; private set; }

    public Task<IncidentView?> FindIncidentAsync(Guid id, CancellationToken cancellationToken = default)
    {
        Reads++;
        return ReadAsync<IncidentView?>(() => world.Store.View(id));
    }

    public Task<LogPage?> IncidentEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default)
    {
        Reads++;
        return ReadAsync<LogPage?>(() =>
        {
            var log = world.Store.Logs[id];
            var events = world.Mutation == LiveMutation.GapNotRead ? [] : log.Skip((int)afterSeq).Take(limit).ToList();
            return new LogPage(events, log.Count, afterSeq + events.Count < log.Count);
        });
    }

    public Task<IReadOnlyDictionary<Guid, long>> IncidentVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<Guid, long>>(() => ids.ToDictionary(id => id, id => (long)world.Store.Logs[id].Count));

    public Task<SessionView?> FindSessionAsync(Guid id, CancellationToken cancellationToken = default) => throw new NotSupportedException("There are no sessions here.");

    public Task<LogPage?> SessionEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException("There are no sessions here.");

    public Task<SessionMessages?> LastMessagesAsync(Guid id, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException("There are no sessions here.");

    public Task<IReadOnlyDictionary<Guid, long>> SessionVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => throw new NotSupportedException("There are no sessions here.");

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
