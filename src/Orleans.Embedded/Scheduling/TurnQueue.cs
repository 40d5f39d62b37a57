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

    public static void Schedule(IThreadPoolWorkItem work) =>
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: ++t_count % FairEvery != 0);
}
