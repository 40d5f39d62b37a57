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

    /// <summary>A viewer whose question was refused asks again only if it was the first of its connection.</summary>
    RefusedForGood,

    /// <summary>A viewer that is told to ask while it waits for an answer is content with that answer.</summary>
    BehindForgotten,

    /// <summary>A viewer drops what comes before the answer that it needs for it.</summary>
    EarlyDropped,

    /// <summary>A viewer takes an answer that what came after it has overtaken.</summary>
    OlderBelieved,

    /// <summary>A feed whose stream lost something reads the log alone, not the reply in flight.</summary>
    LiveNotReloaded,

    /// <summary>A feed takes tokens for the next ones whatever their number is.</summary>
    TokensUnchecked,

    /// <summary>A viewer that comes half-way is not told of the reply in flight.</summary>
    JoinedWithoutLive,

    /// <summary>A feed answers with a reply in flight that has ended.</summary>
    EndedStaysLive,
}
