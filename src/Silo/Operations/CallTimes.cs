using System.Diagnostics;
using System.Numerics;
using Orleans.Runtime;

namespace Warroom.Operations;

/// <summary>How long the grain calls of this silo take: a call is counted into a bucket as it ends. Buckets are an eighth of their value wide, so that a figure is right to 12.5 %.</summary>
internal sealed class CallTimes : IIncomingGrainCallFilter
{
    /// <summary>Eight buckets for each power of two of microseconds, up to 71 minutes.</summary>
    public const int BucketCount = 8 * 32;

    private readonly long[] _buckets = new long[BucketCount];

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        // What asks for these figures is not part of them.
        if (context.Grain is IManagementGrain)
            return context.Invoke();

        // Most calls end at once: this is in the way of every call, and a state machine for each is not free.
        var started = Stopwatch.GetTimestamp();
        var call = context.Invoke();
        if (!call.IsCompleted)
            return CountedAsync(call, started);
        Count(Stopwatch.GetElapsedTime(started));
        return call;
    }

    /// <summary>Counts a call.</summary>
    public void Count(TimeSpan duration) => Interlocked.Increment(ref _buckets[BucketOf((long)duration.TotalMicroseconds)]);

    /// <summary>The counts so far.</summary>
    public long[] Read()
    {
        var counts = new long[BucketCount];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = Volatile.Read(ref _buckets[i]);
        return counts;
    }

    private async Task CountedAsync(Task call, long started)
    {
        try
        {
            await call;
        }
        finally
        {
            Count(Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>The bucket of a duration: below 8 µs one for each, then eight for each power of two.</summary>
    internal static int BucketOf(long microseconds)
    {
        if (microseconds < 8)
            return (int)Math.Max(0, microseconds);
        var power = BitOperations.Log2((ulong)microseconds);
        return Math.Min(BucketCount - 1, ((power - 2) * 8) + (int)((microseconds >> (power - 3)) & 7));
    }

    /// <summary>The upper end of a bucket, in milliseconds.</summary>
    internal static double EndOf(int bucket) => bucket < 8 ? (bucket + 1) / 1000.0 : (8 + (bucket & 7) + 1) * Math.ScaleB(1, (bucket >> 3) - 1) / 1000.0;
}
