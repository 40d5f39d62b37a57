namespace Warroom.Simulation.Log;

/// <summary>A guard that is switched off, to see that the simulation notices.</summary>
public enum LogMutation
{
    None,

    /// <summary>The storage does not know operations again.</summary>
    NoOperationIds,

    /// <summary>The storage says that nothing was written although that is not known.</summary>
    UnknownIsFailure,

    /// <summary>The storage looks at the version alone, not at who has written and what.</summary>
    NoFencing,

    /// <summary>A viewer takes events as they come.</summary>
    NoOrder,

    /// <summary>A viewer does not read what it lacks.</summary>
    NoResume,
}
