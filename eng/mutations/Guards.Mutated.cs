namespace Warroom;

// The same as in Guards.cs, each off if WARROOM_MUTATION names it (comma-separated): built in configuration <c>Mutated</c> alone, for the fault tier.
internal static class Guards
{
    private static readonly string[] Off = (Environment.GetEnvironmentVariable("WARROOM_MUTATION") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static bool OperationIds { get; } = IsOn("operation-ids");

    public static bool CommitOutcome { get; } = IsOn("commit-outcome");

    public static bool DurableAck { get; } = IsOn("durable-ack");

    public static bool Retries { get; } = IsOn("retries");

    public static bool Fencing { get; } = IsOn("fencing");

    public static bool Resume { get; } = IsOn("resume");

    public static bool Lease { get; } = IsOn("lease");

    public static bool MonotonicClock { get; } = IsOn("monotonic-clock");

    public static bool BoundedWait { get; } = IsOn("bounded-wait");

    private static bool IsOn(string guard) => !Off.Contains(guard, StringComparer.Ordinal);
}
