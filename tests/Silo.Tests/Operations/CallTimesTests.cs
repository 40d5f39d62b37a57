using Warroom.Operations;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Operations;

public sealed class CallTimesTests
{
    [Fact]
    public void Buckets_EveryDuration_LieAboveItByAnEighthAtMost()
    {
        var last = -1;
        for (long microseconds = 0; microseconds < 4_000_000_000; microseconds = Math.Max(microseconds + 1, microseconds * 33 / 32))
        {
            var bucket = CallTimes.BucketOf(microseconds);
            var end = CallTimes.EndOf(bucket) * 1000;
            Assert.True(bucket >= last && bucket < CallTimes.BucketCount, $"{microseconds} µs is in bucket {bucket}, after {last}.");
            Assert.True(end > microseconds && end <= Math.Max(microseconds + 1, microseconds * 1.1251), $"{microseconds} µs is in a bucket that ends at {end} µs.");
            last = bucket;
        }
    }

    [Fact]
    public void Window_TenSeconds_KnowsRateAndPercentilesOfTheseAlone()
    {
        var time = new ManualTimeProvider();
        var window = new CallWindow(time);
        var calls = new CallTimes();
        Assert.Equal(new CallFigures(0, null, null), window.Take(calls.Read()));

        for (var i = 0; i < 100; i++)
        {
            calls.Count(TimeSpan.FromMilliseconds(i < 98 ? 1 : 100));
        }

        time.Advance(TimeSpan.FromSeconds(1));
        var busy = window.Take(calls.Read());
        Assert.Equal(100, busy.PerSecond);
        Assert.InRange(busy.MedianMs!.Value, 1, 1.13);
        Assert.InRange(busy.P99Ms!.Value, 100, 113);

        for (var second = 0; second < 11; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            busy = window.Take(calls.Read());
        }

        Assert.Equal(new CallFigures(0, null, null), busy);
    }
}
