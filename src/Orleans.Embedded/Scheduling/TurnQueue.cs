namespace Orleans.Embedded.Scheduling;

/// <summary>
/// Puts schedulers and stream deliveries on the thread pool. A thread's own queue is quickest: caller and callee then share a cache. But it is last in, first out, so a
/// pair of grains that call each other could keep a thread for ever; every so often the shared queue, which is fair, is taken.
/// </summary>
internal static class TurnQueue
{
    private const uint FairEvery = 16;

    [ThreadStatic]
    private static uint t_count;

    [ThreadStatic]
    private static IKeptWork? t_kept;

    public static void Schedule(IThreadPoolWorkItem work)
    {
        if (!WorkBatch.TryCollect(work)) ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: ++t_count % FairEvery != 0);
    }

    /// <summary>
    /// Keeps work for the end of the drain that runs on this thread, which spares it the way through the pool. False if no turn runs here or something is kept already: then <see cref="Schedule"/> it. Kept work is
    /// never lost: the drain runs it as its last thing, or hands it to the pool when it has another turn to run first.
    /// </summary>
    public static bool TryKeep(IKeptWork work)
    {
        if (t_kept is not null || TurnScheduler.CurrentTurn is null) return false;
        t_kept = work;
        return true;
    }

    /// <summary>Whether this very thread keeps the work.</summary>
    public static bool Keeps(IKeptWork work) => ReferenceEquals(t_kept, work);

    /// <summary>Gives what is kept to the pool: the thread has something else to do.</summary>
    public static void HandOverKept()
    {
        if (t_kept is not { } kept) return;
        t_kept = null;
        if (kept.TryTakeKept()) Schedule(kept);
    }

    /// <summary>Runs what is kept: the last thing on this thread.</summary>
    public static void RunKept()
    {
        if (t_kept is not { } kept) return;
        t_kept = null;
        if (kept.TryTakeKept()) kept.Execute();
    }
}

/// <summary>Work that a thread may keep for the end of its drain.</summary>
internal interface IKeptWork : IThreadPoolWorkItem
{
    /// <summary>Takes it from the thread that keeps it. False if somebody has taken it meanwhile.</summary>
    bool TryTakeKept();
}
