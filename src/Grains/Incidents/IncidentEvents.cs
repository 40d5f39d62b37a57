using System.Text.Json;
using Warroom.Persistence;

namespace Warroom.Incidents;

/// <summary>Incident events as the bodies of their log.</summary>
public static class IncidentEvents
{
    /// <summary>The body: JSON with <c>kind</c> first.</summary>
    public static string ToBody(IncidentEvent happened) => JsonSerializer.Serialize(happened, WarroomJson.Wire.IncidentEvent);

    /// <summary>The event of a stored body.</summary>
    public static IncidentEvent FromBody(string body) =>
        JsonSerializer.Deserialize(body, StateJson.Stored.IncidentEvent) ?? throw new JsonException("The body of an incident's event is null.");

    /// <summary>A rule's decision as one for the log: bodies, and the state that they lead to.</summary>
    public static LogDecision<IncidentState> ToLog(Guid id, IncidentState? state, IncidentDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (decision.Refusal is { } refusal)
            return LogDecision.Refuse<IncidentState>(refusal);
        if (decision.Events.IsEmpty)
            return LogDecision.Unchanged<IncidentState>();

        var bodies = new string[decision.Events.Length];
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = ToBody(decision.Events[i]);
            state = IncidentFold.Apply(id, state, decision.Events[i]);
        }

        return LogDecision.Append(bodies, state!);
    }
}
