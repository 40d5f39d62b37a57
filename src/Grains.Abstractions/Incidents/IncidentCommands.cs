using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>Opens an incident.</summary>
[GenerateSerializer, Immutable, Alias("warroom.open-incident")]
public sealed record OpenIncident
{
    /// <summary>Made by the client; the incident's id is made of it, so that a resend is the same incident.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who opens it.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>1 to <see cref="IncidentLimits.TitleLengthMax"/> characters.</summary>
    [Id(2)] public required string Title { get; init; }

    /// <summary>Up to <see cref="IncidentLimits.DescriptionLengthMax"/> characters.</summary>
    [Id(3)] public string Description { get; init; } = "";

    /// <summary>How bad it is.</summary>
    [Id(4)] public required Severity Severity { get; init; }

    /// <summary>The service it is about, if any.</summary>
    [Id(5)] public string? Service { get; init; }

    /// <summary>When the trouble began; <see langword="null"/>: now. A time in the future counts as now.</summary>
    [Id(6)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The alert that opens it, if one does; its <c>alert_fired</c> event is then event 2.</summary>
    [Id(7)] public Alert? Alert { get; init; }
}

/// <summary>Changes some of an incident's fields; what is <see langword="null"/> stays.</summary>
[GenerateSerializer, Immutable, Alias("warroom.change-incident")]
public sealed record ChangeIncident
{
    /// <summary>Made by the client.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who changes it.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>The new title.</summary>
    [Id(2)] public string? Title { get; init; }

    /// <summary>The new description; empty clears it.</summary>
    [Id(3)] public string? Description { get; init; }

    /// <summary>The new severity.</summary>
    [Id(4)] public Severity? Severity { get; init; }

    /// <summary>The new status; <c>open</c> on a resolved incident reopens it.</summary>
    [Id(5)] public IncidentStatus? Status { get; init; }

    /// <summary>Why the status changes.</summary>
    [Id(6)] public string? Reason { get; init; }

    /// <summary>If given, the change is refused with <c>incident.version_mismatch</c> unless the incident stands at this version.</summary>
    [Id(7)] public long? ExpectedVersion { get; init; }
}

/// <summary>Writes into the timeline.</summary>
[GenerateSerializer, Immutable, Alias("warroom.post-entry")]
public sealed record PostEntry
{
    /// <summary>Made by the client.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who writes.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>1 to <see cref="IncidentLimits.EntryLengthMax"/> characters, Markdown.</summary>
    [Id(2)] public required string Text { get; init; }
}

/// <summary>Links services to an incident.</summary>
[GenerateSerializer, Immutable, Alias("warroom.link-services")]
public sealed record LinkServices
{
    /// <summary>Made by the client.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who links.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>The names; those already linked are passed over.</summary>
    [Id(2)] public required ImmutableArray<string> Services { get; init; }
}

/// <summary>Tells an incident that an alert fires or is over.</summary>
[GenerateSerializer, Immutable, Alias("warroom.record-alert")]
public sealed record RecordAlert
{
    /// <summary>Made of the alert's fingerprint, start and status: the same news twice is one event.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>The alert; <see cref="Alert.EndsAt"/> says that it is over.</summary>
    [Id(1)] public required Alert Alert { get; init; }

    /// <summary>The alert source.</summary>
    [Id(2)] public required Author By { get; init; }
}

/// <summary>The answer to a command that is durable now.</summary>
[GenerateSerializer, Immutable, Alias("warroom.incident-ack")]
public sealed record IncidentAck
{
    /// <summary>The number of the last event that the command wrote; if it changed nothing, the version it found. A resend gets the same number.</summary>
    [Id(0)] public required long Seq { get; init; }

    /// <summary>Whether the operation id was seen before and nothing was written this time.</summary>
    [Id(1)] public bool Repeated { get; init; }

    /// <summary>The incident as it stands now, at or after <see cref="Seq"/>.</summary>
    [Id(2)] public required IncidentView Incident { get; init; }
}
