using System.Text.Json.Serialization;

namespace Warroom.Operations;

/// <summary>What an operator asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorCommandKind>))]
public enum OperatorCommandKind
{
    /// <summary>A silo hands its grains over and its process ends.</summary>
    [JsonStringEnumMemberName("drain")] Drain,

    /// <summary>A grain leaves memory; the next call brings it back from the database.</summary>
    [JsonStringEnumMemberName("deactivate")] Deactivate,
}

/// <summary>What came of it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorCommandOutcome>))]
public enum OperatorCommandOutcome
{
    /// <summary>It was done.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>The grain was not in memory; nothing had to be done.</summary>
    [JsonStringEnumMemberName("not_active")] NotActive,

    /// <summary>It failed; the log says why.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>An operator's command, which is its own line in the audit trail: who asked for what and when, and what came of it.</summary>
public sealed record OperatorCommand
{
    /// <summary>The operation id it was given with.</summary>
    public required Guid Id { get; init; }

    /// <summary>What is asked for.</summary>
    public required OperatorCommandKind Kind { get; init; }

    /// <summary>The silo that it is about, if it is about one.</summary>
    public string? SiloId { get; init; }

    /// <summary>The grain that it is about, if it is about one.</summary>
    public string? GrainId { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What came of it; absent until it is over.</summary>
    public OperatorCommandOutcome? Outcome { get; init; }
}
