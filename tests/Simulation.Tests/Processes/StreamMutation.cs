namespace Warroom.Simulation.Processes;

/// <summary>A guard of the streams that is switched off, to see that the simulation notices.</summary>
public enum StreamMutation
{
    None,

    /// <summary>A home cannot tell a publication that is sent again from a new one.</summary>
    NoPublicationNumbers,

    /// <summary>A home is not told that a producer had to drop items.</summary>
    OverflowNotTold,

    /// <summary>A batch is lost, and the numbers of the others do not show it.</summary>
    LostBatchUnnoticed,

    /// <summary>A process is not told that its home knows nothing of its session any more.</summary>
    LostSessionUnnoticed,

    /// <summary>A process believes that it is registered before it is.</summary>
    RegistrationNotDone,

    /// <summary>A subscriber that may have lost its place is not told.</summary>
    PlaceForgotten,

    /// <summary>What waits is not bounded.</summary>
    NoBounds,

    /// <summary>Processes that are dead go on saying that they are there, and take what they are sent.</summary>
    DeadNotDropped,
}
