using System.Collections.Immutable;

namespace Warroom.Incidents;

/// <summary>Which incidents a list shows: those that fit each of its parts. A part that is empty lets all pass.</summary>
public sealed record IncidentFilter
{
    /// <summary>All of them.</summary>
    public static IncidentFilter All { get; } = new();

    /// <summary>Those that are not resolved.</summary>
    public static IncidentFilter Active { get; } = new() { ActiveOnly = true };

    /// <summary>Only those that are not resolved.</summary>
    public bool ActiveOnly { get; init; }

    /// <summary>One of these.</summary>
    public ImmutableArray<IncidentStatus> Statuses { get; init; } = [];

    /// <summary>One of these.</summary>
    public ImmutableArray<Severity> Severities { get; init; } = [];

    /// <summary>Linked to one of these services.</summary>
    public ImmutableArray<string> Services { get; init; } = [];

    /// <summary>Title or description contains it, in any case; <c>%</c> and <c>_</c> are plain characters.</summary>
    public string? Text { get; init; }
}
