namespace Warroom.Incidents;

/// <summary>
/// One incident: its lifecycle and its timeline. Key: the incident's id (a version 7 UUID). When a command's task completes, its events are durable and
/// on their way to <see cref="Streams.WarroomStreams.Incident"/> and <see cref="Streams.WarroomStreams.Incidents"/>. Every command may be repeated with its operation id: one effect, the same
/// <see cref="IncidentAck.Seq"/>. Refusals are <see cref="DomainException"/>: <c>incident.not_found</c>, <c>incident.title_required</c>, <c>incident.too_long</c>, <c>incident.bad_text</c>,
/// <c>incident.illegal_transition</c>, <c>incident.version_mismatch</c>, <c>incident.too_many_services</c>, <c>incident.services_required</c>,
/// <c>incident.text_required</c>, <c>incident.author_required</c>, <c>incident.unknown_value</c>, <c>incident.exists</c>, <c>incident.bad_alert</c>, <c>incident.already_resolved</c> (an alert that fires needs another one),
/// <c>incident.too_busy</c> and <c>incident.try_again</c> (nothing was stored, send it again), <c>incident.outcome_unknown</c>. An <see cref="Orleans.Storage.InconsistentStateException"/> says that another activation of
/// the incident took over: sent again with the same operation id, the command reaches that one.
/// </summary>
[Alias("warroom.incident")]
public interface IIncidentGrain : IGrainWithGuidKey
{
    /// <summary>Opens it: status <c>open</c>, event 1 (and event 2 for the alert that opens it).</summary>
    [Alias("open")]
    Task<IncidentAck> OpenAsync(OpenIncident command, CancellationToken cancellationToken = default);

    /// <summary>Changes title, description, severity, status: one event for each that differs.</summary>
    [Alias("change")]
    Task<IncidentAck> ChangeAsync(ChangeIncident command, CancellationToken cancellationToken = default);

    /// <summary>Adds an entry to the timeline; also possible when it is resolved.</summary>
    [Alias("post")]
    Task<IncidentAck> PostAsync(PostEntry command, CancellationToken cancellationToken = default);

    /// <summary>Links services.</summary>
    [Alias("link-services")]
    Task<IncidentAck> LinkServicesAsync(LinkServices command, CancellationToken cancellationToken = default);

    /// <summary>Records that an alert fires or is over.</summary>
    [Alias("record-alert")]
    Task<IncidentAck> RecordAlertAsync(RecordAlert command, CancellationToken cancellationToken = default);

    /// <summary>The incident as last committed, or <see langword="null"/> if there is none with this id.</summary>
    [Alias("get")]
    Task<IncidentView?> GetAsync(CancellationToken cancellationToken = default);
}
