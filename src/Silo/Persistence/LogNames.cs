namespace Warroom.Persistence;

/// <summary>The tables of one kind of log. Names come from this program alone, never from outside: they are put into statements as they are.</summary>
/// <param name="Owners">One row for each log.</param>
/// <param name="Events">One row for each event.</param>
/// <param name="Operations">One row for each operation.</param>
/// <param name="OwnerColumn">The owner's id in <paramref name="Events"/>, <paramref name="Operations"/> and the tables of links.</param>
internal sealed record LogNames(string Owners, string Events, string Operations, string OwnerColumn)
{
    /// <summary>Incidents and their timelines.</summary>
    public static LogNames Incidents { get; } = new("incidents", "timeline_events", "incident_operations", "incident_id");

    /// <summary>Bot sessions.</summary>
    public static LogNames Sessions { get; } = new("bot_sessions", "bot_session_events", "bot_session_operations", "session_id");
}
