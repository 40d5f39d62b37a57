using System.Collections.Immutable;
using System.Text.Json;
using Warroom.Persistence;

namespace Warroom.Bots;

/// <summary>What <see cref="SessionRules"/> says to a command: these events, or a refusal, or neither because nothing is to be done.</summary>
public sealed record SessionDecision
{
    /// <summary>Nothing changes.</summary>
    public static SessionDecision Unchanged { get; } = new();

    /// <summary>What happens, in order.</summary>
    public ImmutableArray<SessionEvent> Events { get; private init; } = [];

    /// <summary>For a reply that continues: the text it goes on from.</summary>
    public string ContinuedText { get; private init; } = "";

    /// <summary>Why not, if not.</summary>
    public DomainException? Refusal { get; private init; }

    /// <summary>These events.</summary>
    public static SessionDecision Of(params ImmutableArray<SessionEvent> events) => new() { Events = events };

    /// <summary>A reply that goes on from a text.</summary>
    public static SessionDecision Continue(ReplyStarted started, string text) => new() { Events = [started], ContinuedText = text };

    /// <summary>A refusal with a stable code and a sentence for the person who gave the command.</summary>
    public static SessionDecision Refuse(RefusalKind kind, string errorCode, string message) => new() { Refusal = new(kind, errorCode, message) };

    /// <summary>As one for the log: bodies, and the state that they lead to.</summary>
    public LogDecision<SessionState> ToLog(Guid id, SessionState? state)
    {
        if (Refusal is { } refusal)
            return LogDecision.Refuse<SessionState>(refusal);
        if (Events.IsEmpty)
            return LogDecision.Unchanged<SessionState>();
        var bodies = new string[Events.Length];
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = JsonSerializer.Serialize(Events[i], WarroomJson.Wire.SessionEvent);
            state = SessionFold.Apply(state, id, Events[i], ContinuedText);
        }

        return LogDecision.Append(bodies, state!);
    }
}
