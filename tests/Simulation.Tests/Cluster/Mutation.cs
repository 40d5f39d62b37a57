namespace Warroom.Simulation.Cluster;

/// <summary>A guard that is switched off, to see that the simulation notices.</summary>
public enum Mutation
{
    None,

    /// <summary>A silo serves although its lease has run out.</summary>
    NoLease,

    /// <summary>A silo activates what it owns without waiting for the earlier owner.</summary>
    NoHandOverWait,

    /// <summary>A silo says that it has handed over before it has deactivated.</summary>
    EarlyReport,

    /// <summary>A silo is declared dead although it has renewed its lease meanwhile.</summary>
    UnconditionalDeath,

    /// <summary>A lease counts from when the renewal was answered, not from when it was sent.</summary>
    LeaseFromAnswer,

    /// <summary>Joining grants a lease, also when it is repeated. (So it was at first; the simulation found it on 20 November 2026.)</summary>
    LeaseByJoining,

    /// <summary>A silo is declared dead by another in its place although it lives: two machines that pass for one.</summary>
    SharedPlaces,

    /// <summary>Clocks differ by more than the lease's margin.</summary>
    ClocksTooDifferent,
}
