using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Persistence;

namespace Warroom.Frontend.Live;

/// <summary>The logs as they are committed, which feeds read: those in the database, or the simulation's. What was committed before a read began is in its answer.</summary>
internal interface IFeedSource
{
    /// <summary>An incident as it is stored, or <see langword="null"/> if there is none with this id.</summary>
    Task<IncidentView?> FindIncidentAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>An incident's events after a number, or <see langword="null"/> if there is no such incident.</summary>
    Task<LogPage?> IncidentEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default);

    /// <summary>A session as it is stored, without its reply in flight, or <see langword="null"/> if there is none with this id.</summary>
    Task<SessionView?> FindSessionAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>A session's events after a number, or <see langword="null"/> if there is no such session.</summary>
    Task<LogPage?> SessionEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default);

    /// <summary>A session's last messages, or <see langword="null"/> if there is no such session.</summary>
    Task<SessionMessages?> LastMessagesAsync(Guid id, int limit, CancellationToken cancellationToken = default);

    /// <summary>The numbers of the last events of incidents; one that does not exist is left out.</summary>
    Task<IReadOnlyDictionary<Guid, long>> IncidentVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>The numbers of the last events of sessions; one that does not exist is left out.</summary>
    Task<IReadOnlyDictionary<Guid, long>> SessionVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);
}

/// <summary>Those in the database.</summary>
internal sealed class StoredLogs(IncidentQueries incidents, SessionQueries sessions, SessionPages messages, LogVersions versions) : IFeedSource
{
    public Task<IncidentView?> FindIncidentAsync(Guid id, CancellationToken cancellationToken = default) => incidents.FindAsync(id, cancellationToken);

    public Task<LogPage?> IncidentEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) => incidents.TimelineAsync(id, afterSeq, limit, cancellationToken);

    public Task<SessionView?> FindSessionAsync(Guid id, CancellationToken cancellationToken = default) => sessions.FindAsync(id, cancellationToken);

    public Task<LogPage?> SessionEventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) => sessions.EventsAsync(id, afterSeq, limit, cancellationToken);

    public Task<SessionMessages?> LastMessagesAsync(Guid id, int limit, CancellationToken cancellationToken = default) => messages.MessagesAsync(id, before: null, limit, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> IncidentVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => versions.OfIncidentsAsync(ids, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> SessionVersionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => versions.OfSessionsAsync(ids, cancellationToken);
}
