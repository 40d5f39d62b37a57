using System.Collections.Immutable;
using Warroom.Incidents;

namespace Warroom.Frontend.Timeline;

/// <summary>Body of <c>POST /api/incidents/{id}/timeline</c>.</summary>
public sealed record PostEntryRequest
{
    /// <summary>Required; 1 to 10,000 characters of Markdown.</summary>
    public string? Text { get; init; }
}

/// <summary>The answer to a command that wrote events and is durable now.</summary>
public sealed record Receipt
{
    /// <summary>The number of the last event that it wrote; a resend gets the same.</summary>
    public required long Seq { get; init; }

    /// <summary>Whether the operation id was seen before and nothing was written this time.</summary>
    public required bool Repeated { get; init; }
}

/// <summary>A page of a timeline.</summary>
public sealed record TimelinePage
{
    /// <summary>Events in order, from the one after <c>after</c>.</summary>
    public required ImmutableArray<LoggedEvent> Events { get; init; }

    /// <summary>The number of the incident's last event.</summary>
    public required long Version { get; init; }

    /// <summary>Whether there are events after the last of <see cref="Events"/>.</summary>
    public required bool More { get; init; }
}

/// <summary>The answer to the hub's <c>Watch(incidentId, afterSeq)</c>.</summary>
public sealed record WatchedIncident
{
    /// <summary>The incident, at or after the last of <see cref="Events"/>.</summary>
    public required IncidentView Incident { get; init; }

    /// <summary>The events after <c>afterSeq</c>, at most 500.</summary>
    public required ImmutableArray<LoggedEvent> Events { get; init; }

    /// <summary>Whether there are events between the last of <see cref="Events"/> and the incident's version: call again with the last number.</summary>
    public required bool More { get; init; }
}
