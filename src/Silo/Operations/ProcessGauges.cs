namespace Warroom.Operations;

/// <summary>What the process itself uses, between one reading and the next.</summary>
internal sealed class ProcessGauges(TimeProvider time)
{
    private long _at = time.GetTimestamp();
    private TimeSpan _processor = Environment.CpuUsage.TotalTime;
    private TimeSpan _pauses = GC.GetTotalPauseDuration();

    public ProcessFigures Read()
    {
        var (now, processor, pauses) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration());
        var seconds = time.GetElapsedTime(_at, now).TotalSeconds;
        var figures = new ProcessFigures
        {
            WorkingSetBytes = Environment.WorkingSet,
            ManagedBytes = GC.GetTotalMemory(forceFullCollection: false),
            Processors = Environment.ProcessorCount,
            CpuPercent = Percent(processor - _processor, seconds),
            GcPausePercent = Percent(pauses - _pauses, seconds),
            Gen0Collections = GC.CollectionCount(0),
            Gen1Collections = GC.CollectionCount(1),
            Gen2Collections = GC.CollectionCount(2),
            Threads = ThreadPool.ThreadCount,
            QueuedWork = ThreadPool.PendingWorkItemCount,
        };
        (_at, _processor, _pauses) = (now, processor, pauses);
        return figures;
    }

    private static double Percent(TimeSpan part, double seconds) => seconds <= 0 ? 0 : Math.Round(100 * part.TotalSeconds / seconds, 1);
}
