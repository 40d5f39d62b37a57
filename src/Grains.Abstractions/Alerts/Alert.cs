using System.Collections.Immutable;

namespace Warroom.Alerts;

/// <summary>One alert of an alert source, as it came in.</summary>
[GenerateSerializer, Immutable, Alias("warroom.alert")]
public sealed record Alert
{
    /// <summary>The source's fingerprint of the label set; with <see cref="StartsAt"/> it names one firing.</summary>
    [Id(0)] public required string Fingerprint { get; init; }

    /// <summary>The label <c>alertname</c>.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>When it began to fire.</summary>
    [Id(2)] public required DateTimeOffset StartsAt { get; init; }

    /// <summary>When it was over; <see langword="null"/> while it fires.</summary>
    [Id(3)] public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The annotation <c>summary</c> or <c>description</c>; may be empty.</summary>
    [Id(4)] public string Summary { get; init; } = "";

    /// <summary>All labels; at most 64.</summary>
    [Id(5)] public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where the source shows its rule; only http and https addresses are kept.</summary>
    [Id(6)] public string? SourceUrl { get; init; }
}

/// <summary>An alert in an incident's view.</summary>
[GenerateSerializer, Immutable, Alias("warroom.incident-alert")]
public sealed record IncidentAlert
{
    /// <summary>The source's fingerprint.</summary>
    [Id(0)] public required string Fingerprint { get; init; }

    /// <summary>The alert's name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>When it began to fire.</summary>
    [Id(2)] public required DateTimeOffset StartsAt { get; init; }

    /// <summary>When it was over; <see langword="null"/> while it fires.</summary>
    [Id(3)] public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Its summary; may be empty.</summary>
    [Id(4)] public string Summary { get; init; } = "";

    /// <summary>Where the source shows its rule.</summary>
    [Id(5)] public string? SourceUrl { get; init; }
}
