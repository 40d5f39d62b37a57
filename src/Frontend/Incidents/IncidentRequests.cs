using System.Collections.Immutable;
using Warroom.Incidents;

namespace Warroom.Frontend.Incidents;

/// <summary>Body of <c>POST /api/incidents</c>.</summary>
public sealed record OpenIncidentRequest
{
    /// <summary>Required; 1 to 200 characters.</summary>
    public string? Title { get; init; }

    /// <summary>Up to 10,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary><c>medium</c> unless given.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The service it is about.</summary>
    public string? Service { get; init; }

    /// <summary>When the trouble began; now unless given.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>Body of <c>PATCH /api/incidents/{id}</c>: what is left out stays.</summary>
public sealed record ChangeIncidentRequest
{
    /// <summary>The new title.</summary>
    public string? Title { get; init; }

    /// <summary>The new description; empty clears it.</summary>
    public string? Description { get; init; }

    /// <summary>The new severity.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The new status; <c>open</c> on a resolved incident reopens it.</summary>
    public IncidentStatus? Status { get; init; }

    /// <summary>Why the status changes.</summary>
    public string? Reason { get; init; }

    /// <summary>If given, the change is refused unless the incident stands at this version.</summary>
    public long? ExpectedVersion { get; init; }
}

/// <summary>Body of <c>POST /api/incidents/{id}/services</c>.</summary>
public sealed record LinkServicesRequest
{
    /// <summary>Names; those already linked are passed over.</summary>
    public ImmutableArray<string>? Services { get; init; }
}
