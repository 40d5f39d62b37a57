using System.Collections.Immutable;

namespace Warroom.Alerts;

/// <summary>What a service's alert router knows: stored before it acts, so that whatever dies, the same news leads to the same incident.</summary>
[GenerateSerializer, Immutable, Alias("warroom.alert-router-state")]
public sealed record AlertRouterState
{
    /// <summary>The version of this shape. Members are only ever added, with defaults.</summary>
    public const int SchemaNow = 1;

    /// <summary>The shape it was written in.</summary>
    [Id(0)] public int Schema { get; init; } = SchemaNow;

    /// <summary>The service.</summary>
    [Id(1)] public string Service { get; init; } = "";

    /// <summary>The incident that new alerts join, if it is unresolved.</summary>
    [Id(2)] public Guid? IncidentId { get; init; }

    /// <summary>The newest firing of each fingerprint, the one with the oldest news first.</summary>
    [Id(3)] public ImmutableArray<KnownAlert> Known { get; init; } = [];

    /// <summary>When it was last written.</summary>
    [Id(4)] public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One firing of one fingerprint, as far as the router has heard.</summary>
[GenerateSerializer, Immutable, Alias("warroom.known-alert")]
public sealed record KnownAlert
{
    /// <summary>The alert in the newest news of it.</summary>
    [Id(0)] public required Alert Alert { get; init; }

    /// <summary>How bad an incident is that it opens.</summary>
    [Id(1)] public required Incidents.Severity Severity { get; init; }

    /// <summary>The alert source.</summary>
    [Id(2)] public required string Source { get; init; }

    /// <summary>The incident it was given to; <see langword="null"/> if it was over before it was ever seen firing.</summary>
    [Id(3)] public Guid? IncidentId { get; init; }

    /// <summary>Whether the incident is yet to be told that it fires.</summary>
    [Id(4)] public bool OwesFired { get; init; }

    /// <summary>Whether the incident is yet to be told that it is over.</summary>
    [Id(5)] public bool OwesResolved { get; init; }

    /// <summary>When the newest news of it came in.</summary>
    [Id(6)] public required DateTimeOffset HeardAt { get; init; }
}
