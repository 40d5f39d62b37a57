namespace Warroom.Operations;

/// <summary>Rate and durations of the calls of the last ten seconds, from readings taken about once a second.</summary>
internal sealed class CallWindow(TimeProvider time)
{
    private const int ReadingsMax = 11;
    private readonly Queue<(long At, long[] Counts)> _readings = new();

    /// <summary>Takes a reading; what it says compared with the oldest one kept.</summary>
    public CallFigures Take(long[] counts)
    {
        var now = time.GetTimestamp();
        _readings.Enqueue((now, counts));
        if (_readings.Count > ReadingsMax)
            _readings.Dequeue();
        var (since, before) = _readings.Peek();
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        if (seconds <= 0)
            return new(0, null, null);
        var calls = new long[counts.Length];
        long total = 0;
        for (var i = 0; i < calls.Length; i++)
            total += calls[i] = counts[i] - before[i];
        return new(total / seconds, Percentile(calls, total, 0.50), Percentile(calls, total, 0.99));
    }

    private static double? Percentile(long[] calls, long total, double share)
    {
        if (total == 0)
            return null;
        var rank = (long)Math.Ceiling(total * share);
        var bucket = 0;
        for (var below = calls[0]; below < rank; below += calls[bucket])
            bucket++;
        return CallTimes.EndOf(bucket);
    }
}

/// <summary>What the calls of a while were like.</summary>
/// <param name="PerSecond">How many ended in a second.</param>
/// <param name="MedianMs">Half of them took at most so long; <see langword="null"/> if there were none.</param>
/// <param name="P99Ms">All but one in a hundred took at most so long; <see langword="null"/> if there were none.</param>
internal sealed record CallFigures(double PerSecond, double? MedianMs, double? P99Ms);
