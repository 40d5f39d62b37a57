namespace Warroom.Simulation.Live;

/// <summary>A guard on the way to viewers that is switched off, to see that the simulation notices.</summary>
public enum LiveMutation
{
    None,

    /// <summary>Feeds are not compared with the database.</summary>
    NoAudit,

    /// <summary>A connection that lost something is not told.</summary>
    BehindNotTold,

    /// <summary>What waits for a connection is not bounded.</summary>
    NoBounds,

    /// <summary>A feed takes the log to have nothing that it lacks.</summary>
    GapNotRead,

    /// <summary>What comes between the answer to a viewer and its arrival is not delivered.</summary>
    AnswerBeforeJoining,

    /// <summary>A viewer takes events as they come.</summary>
    NoOrder,

    /// <summary>A viewer does not ask for what it lacks.</summary>
    NoResume,
}
