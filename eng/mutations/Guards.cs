namespace Warroom;

/// <summary>
/// The guards that the fault tier switches off one by one, to see its rows fail without them. In every build but configuration <c>Mutated</c> they are constants, and the compiler of the runtime leaves no trace of the question.
/// </summary>
internal static class Guards
{
    /// <summary>A resend is found by its operation id.</summary>
    public static bool OperationIds => true;

    /// <summary>After a broken connection it is found out whether the commit took effect.</summary>
    public static bool CommitOutcome => true;

    /// <summary>A write is acknowledged when it is durable.</summary>
    public static bool DurableAck => true;

    /// <summary>Failures of the database that pass are waited for.</summary>
    public static bool Retries => true;

    /// <summary>A write needs the version, epoch and writer that it was decided on.</summary>
    public static bool Fencing => true;

    /// <summary>A viewer that comes back is given what it lacks.</summary>
    public static bool Resume => true;

    /// <summary>A silo whose lease has run out serves nothing.</summary>
    public static bool Lease => true;
}
