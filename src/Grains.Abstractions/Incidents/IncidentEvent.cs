using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>Something that happened to an incident. The JSON of it (snake_case, with <c>kind</c> first) is the body of its <see cref="LoggedEvent"/>: kinds and members are only ever added.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(IncidentOpened), "opened")]
[JsonDerivedType(typeof(EntryPosted), "posted")]
[JsonDerivedType(typeof(TitleChanged), "title_changed")]
[JsonDerivedType(typeof(DescriptionChanged), "description_changed")]
[JsonDerivedType(typeof(SeverityChanged), "severity_changed")]
[JsonDerivedType(typeof(StatusChanged), "status_changed")]
[JsonDerivedType(typeof(ServicesLinked), "services_linked")]
[JsonDerivedType(typeof(AlertFired), "alert_fired")]
[JsonDerivedType(typeof(AlertResolved), "alert_resolved")]
public abstract record IncidentEvent
{
    /// <summary>When it was decided, by the silo's clock. Order is by number, never by time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required Author By { get; init; }

    /// <summary>The operation it belongs to: a page finds its own posts by it.</summary>
    public required Guid OperationId { get; init; }
}

/// <summary>The incident was opened: always event 1.</summary>
public sealed record IncidentOpened : IncidentEvent
{
    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>Its description; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>How bad it is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>The service it is about, if any.</summary>
    public string? Service { get; init; }

    /// <summary>When the trouble began.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}

/// <summary>Somebody wrote into the timeline.</summary>
public sealed record EntryPosted : IncidentEvent
{
    /// <summary>Markdown, 1 to <see cref="IncidentLimits.EntryLengthMax"/> characters; hostile until rendered safely.</summary>
    public required string Text { get; init; }
}

/// <summary>The title was changed.</summary>
public sealed record TitleChanged : IncidentEvent
{
    /// <summary>Before.</summary>
    public required string From { get; init; }

    /// <summary>After.</summary>
    public required string To { get; init; }
}

/// <summary>The description was changed.</summary>
public sealed record DescriptionChanged : IncidentEvent
{
    /// <summary>After.</summary>
    public required string To { get; init; }
}

/// <summary>The severity was changed.</summary>
public sealed record SeverityChanged : IncidentEvent
{
    /// <summary>Before.</summary>
    public required Severity From { get; init; }

    /// <summary>After.</summary>
    public required Severity To { get; init; }
}

/// <summary>The status was changed; from <c>resolved</c> it is a reopening.</summary>
public sealed record StatusChanged : IncidentEvent
{
    /// <summary>Before.</summary>
    public required IncidentStatus From { get; init; }

    /// <summary>After.</summary>
    public required IncidentStatus To { get; init; }

    /// <summary>Why, if it was said.</summary>
    public string? Reason { get; init; }
}

/// <summary>Services were linked.</summary>
public sealed record ServicesLinked : IncidentEvent
{
    /// <summary>Those that were not linked before.</summary>
    public required ImmutableArray<string> Services { get; init; }
}

/// <summary>An alert fires.</summary>
public sealed record AlertFired : IncidentEvent
{
    /// <summary>The alert.</summary>
    public required Alert Alert { get; init; }
}

/// <summary>An alert that fired is over.</summary>
public sealed record AlertResolved : IncidentEvent
{
    /// <summary>The alert, with its end.</summary>
    public required Alert Alert { get; init; }
}
