using System.Diagnostics;

namespace Warroom.Bench.Load;

/// <summary>Latencies, kept whole: percentiles are exact. Safe for many writers, each of which should use a lane of its own.</summary>
internal sealed class Samples(int lanes = 1)
{
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, lanes).Select(_ => new Lane())];

    public void Add(long ticks, int lane = 0)
    {
        var own = _lanes[lane % _lanes.Length];
        lock (own)
            own.Ticks.Add(ticks);
    }

    public long Count => _lanes.Sum(lane => (long)lane.Ticks.Count);

    /// <summary>The percentiles in milliseconds, in the order asked.</summary>
    public double[] PercentilesMs(params double[] percentiles)
    {
        var all = _lanes.SelectMany(lane => lane.Ticks).ToArray();
        Array.Sort(all);
        return [.. percentiles.Select(p => all.Length == 0 ? double.NaN : all[Math.Min(all.Length - 1, (int)(p / 100 * all.Length))] * 1000.0 / Stopwatch.Frequency)];
    }

    public void Clear()
    {
        foreach (var lane in _lanes)
        {
            lock (lane)
                lane.Ticks.Clear();
        }
    }

    private sealed class Lane
    {
        public List<long> Ticks { get; } = new(1024);
    }
}
