using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>An incident as it stands after its event number <see cref="Version"/>: what its events add up to, stored as JSON in its row beside the typed columns that lists query.</summary>
public sealed record IncidentState
{
    /// <summary>The version of this shape. Older ones are read as they are: members are only ever added, with defaults.</summary>
    public const int SchemaNow = 1;

    /// <summary>The shape it was written in.</summary>
    public int Schema { get; init; } = SchemaNow;

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The number of its last event.</summary>
    public required long Version { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>Its description; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>How bad it is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Where it stands.</summary>
    public required IncidentStatus Status { get; init; }

    /// <summary>The service it was opened for, if any.</summary>
    public string? Service { get; init; }

    /// <summary>All services it is linked to.</summary>
    public ImmutableArray<string> Services { get; init; } = [];

    /// <summary>The alerts that opened or joined it, oldest first; at most <see cref="IncidentLimits.AlertsMax"/>.</summary>
    public ImmutableArray<IncidentAlert> Alerts { get; init; } = [];

    /// <summary>When it was reported.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the trouble began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was resolved; <see langword="null"/> exactly while it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Who opened it.</summary>
    public required Author OpenedBy { get; init; }

    /// <summary>How many of <see cref="Alerts"/> are firing.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int AlertsFiring => Alerts.Count(alert => alert.EndsAt is null);

    /// <summary>As callers see it.</summary>
    public IncidentView ToView() => new()
    {
        Id = Id,
        Version = Version,
        Title = Title,
        Description = Description,
        Severity = Severity,
        Status = Status,
        Service = Service,
        Services = Services,
        Alerts = Alerts,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        UpdatedAt = UpdatedAt,
        ResolvedAt = ResolvedAt,
        OpenedBy = OpenedBy,
    };

    /// <summary>As lists show it.</summary>
    public IncidentSummary ToSummary() => new()
    {
        Id = Id,
        Version = Version,
        Title = Title,
        Description = Description,
        Severity = Severity,
        Status = Status,
        Service = Service,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        UpdatedAt = UpdatedAt,
        ResolvedAt = ResolvedAt,
        AlertsFiring = AlertsFiring,
    };
}
