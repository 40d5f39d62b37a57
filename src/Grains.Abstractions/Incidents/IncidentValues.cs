using System.Text.Json.Serialization;

namespace Warroom.Incidents;

/// <summary>How bad it is.</summary>
[JsonConverter(typeof(EnumWords<Severity>))]
public enum Severity
{
    /// <summary>Customers cannot work.</summary>
    [JsonStringEnumMemberName("critical")] Critical,

    /// <summary>Customers are hindered.</summary>
    [JsonStringEnumMemberName("high")] High,

    /// <summary>Some notice.</summary>
    [JsonStringEnumMemberName("medium")] Medium,

    /// <summary>Nobody notices yet.</summary>
    [JsonStringEnumMemberName("low")] Low,
}

/// <summary>Where an incident stands. Between the unresolved ones it may go forwards and back, but never back to <see cref="Open"/> except by reopening a resolved one.</summary>
[JsonConverter(typeof(EnumWords<IncidentStatus>))]
public enum IncidentStatus
{
    /// <summary>Nobody has taken it up.</summary>
    [JsonStringEnumMemberName("open")] Open,

    /// <summary>Being looked into.</summary>
    [JsonStringEnumMemberName("investigating")] Investigating,

    /// <summary>The cause is known.</summary>
    [JsonStringEnumMemberName("identified")] Identified,

    /// <summary>The harm is stopped; being watched.</summary>
    [JsonStringEnumMemberName("monitoring")] Monitoring,

    /// <summary>Over.</summary>
    [JsonStringEnumMemberName("resolved")] Resolved,
}

/// <summary>The limits of an incident's fields, in characters; more is refused with <c>incident.too_long</c>.</summary>
public static class IncidentLimits
{
    /// <summary>The longest title.</summary>
    public const int TitleLengthMax = 200;

    /// <summary>The longest description.</summary>
    public const int DescriptionLengthMax = 10_000;

    /// <summary>The longest reason of a change of status.</summary>
    public const int ReasonLengthMax = 1_000;

    /// <summary>The longest timeline entry.</summary>
    public const int EntryLengthMax = 10_000;

    /// <summary>The most services one incident is linked to.</summary>
    public const int ServicesMax = 50;

    /// <summary>The most alerts one incident keeps in its view; the timeline keeps all.</summary>
    public const int AlertsMax = 200;
}
