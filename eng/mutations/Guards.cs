namespace Warroom;

// The guards that the fault tier switches off one by one, to see its rows fail without them. In every build but configuration Mutated they are constants, and the
// compiler of the runtime leaves no trace of the question. No XML docs: the class is compiled into several assemblies, and whoever reads the docs of all of them
// (OpenAPI does) finds one member twice.
internal static class Guards
{
    // A resend is found by its operation id.
    public static bool OperationIds => true;

    // After a broken connection it is found out whether the commit took effect.
    public static bool CommitOutcome => true;

    // A write is acknowledged when it is durable.
    public static bool DurableAck => true;

    // Failures of the database that pass are waited for.
    public static bool Retries => true;

    // A write needs the version, epoch and writer that it was decided on.
    public static bool Fencing => true;

    // A viewer that comes back is given what it lacks.
    public static bool Resume => true;

    // A silo whose lease has run out serves nothing.
    public static bool Lease => true;

    // Leases and deadlines go by a clock that nobody sets.
    public static bool MonotonicClock => true;

    // A connection of the pool is waited for for a bounded time.
    public static bool BoundedWait => true;
}
