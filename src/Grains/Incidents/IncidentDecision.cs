using System.Collections.Immutable;

namespace Warroom.Incidents;

/// <summary>What <see cref="IncidentRules"/> says to a command: these events; or none, because all is as the command wants it; or a refusal.</summary>
public sealed record IncidentDecision
{
    /// <summary>Nothing changes.</summary>
    public static IncidentDecision Unchanged { get; } = new();

    /// <summary>What happens, in order.</summary>
    public ImmutableArray<IncidentEvent> Events { get; private init; } = [];

    /// <summary>Why not, if not.</summary>
    public DomainException? Refusal { get; private init; }

    /// <summary>These events, or <see cref="Unchanged"/> if there are none.</summary>
    public static IncidentDecision Of(params ImmutableArray<IncidentEvent> events) => events.IsEmpty ? Unchanged : new() { Events = events };

    /// <summary>A refusal with a stable code and a sentence for the person who gave the command.</summary>
    public static IncidentDecision Refuse(RefusalKind kind, string errorCode, string message) => new() { Refusal = new(kind, errorCode, message) };
}
