using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>An incident as it stands after its event number <see cref="Version"/>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.incident-view")]
public sealed record IncidentView
{
    /// <summary>Its id, a version 7 UUID.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The number of its last timeline event.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>1 to <see cref="IncidentLimits.TitleLengthMax"/> characters.</summary>
    [Id(2)] public required string Title { get; init; }

    /// <summary>May be empty.</summary>
    [Id(3)] public string Description { get; init; } = "";

    /// <summary>How bad it is.</summary>
    [Id(4)] public required Severity Severity { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(5)] public required IncidentStatus Status { get; init; }

    /// <summary>The service it was opened for, if any; also first in <see cref="Services"/>.</summary>
    [Id(6)] public string? Service { get; init; }

    /// <summary>All services it is linked to.</summary>
    [Id(7)] public ImmutableArray<string> Services { get; init; } = [];

    /// <summary>The alerts that opened or joined it, oldest first.</summary>
    [Id(8)] public ImmutableArray<IncidentAlert> Alerts { get; init; } = [];

    /// <summary>When it was reported.</summary>
    [Id(9)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the trouble began, as far as known; never after <see cref="CreatedAt"/>.</summary>
    [Id(10)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    [Id(11)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was resolved; <see langword="null"/> while it is not.</summary>
    [Id(12)] public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Who opened it.</summary>
    [Id(13)] public required Author OpenedBy { get; init; }
}

/// <summary>An incident in a list.</summary>
[GenerateSerializer, Immutable, Alias("warroom.incident-summary")]
public sealed record IncidentSummary
{
    /// <summary>Its id.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The number of its last timeline event: of two summaries the higher is the newer.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>Its title.</summary>
    [Id(2)] public required string Title { get; init; }

    /// <summary>Its description; may be empty.</summary>
    [Id(3)] public string Description { get; init; } = "";

    /// <summary>How bad it is.</summary>
    [Id(4)] public required Severity Severity { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(5)] public required IncidentStatus Status { get; init; }

    /// <summary>The service it was opened for, if any.</summary>
    [Id(6)] public string? Service { get; init; }

    /// <summary>When it was reported.</summary>
    [Id(7)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the trouble began.</summary>
    [Id(8)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    [Id(9)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was resolved, if it is.</summary>
    [Id(10)] public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>How many of its alerts are firing now.</summary>
    [Id(11)] public int AlertsFiring { get; init; }
}

/// <summary>What listeners of one incident get: events in order, and the incident after the last of them.</summary>
[GenerateSerializer, Immutable, Alias("warroom.incident-update")]
public sealed record IncidentUpdate
{
    /// <summary>The incident.</summary>
    [Id(0)] public required Guid IncidentId { get; init; }

    /// <summary>One or more committed events with consecutive numbers.</summary>
    [Id(1)] public required ImmutableArray<LoggedEvent> Events { get; init; }

    /// <summary>The incident after the last of <see cref="Events"/>.</summary>
    [Id(2)] public required IncidentView Incident { get; init; }
}
