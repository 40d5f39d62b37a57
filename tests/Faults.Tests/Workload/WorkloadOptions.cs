namespace Warroom.Faults.Workload;

/// <summary>How much is done, by how many, where. Everything that is decided is decided by the seed; only the interleaving is real time's.</summary>
public sealed record WorkloadOptions
{
    public required int Seed { get; init; }

    /// <summary>Incidents that are opened at the beginning; popularity falls with their number (Zipf 1.1).</summary>
    public int Incidents { get; init; } = 12;

    public int Writers { get; init; } = 12;

    public int Viewers { get; init; } = 16;

    /// <summary>Whether what was acknowledged is sent again now and then, as by somebody who missed the answer.</summary>
    public bool Resends { get; init; } = true;

    /// <summary>Operations a second of all writers together, as long as they are answered.</summary>
    public double Rate { get; init; } = 80;

    /// <summary>How many of the operations that write are sent once and never again, so that an answer that is wrong stays the last.</summary>
    public double SentOnce { get; init; } = 0.2;

    /// <summary>Whether some viewers flap, are slow, switch front ends, begin again. Otherwise they stay.</summary>
    public bool RestlessViewers { get; init; } = true;
}

/// <summary>Chooses small numbers more often than large ones: the k-th with weight 1/k^1.1.</summary>
public sealed class Zipf
{
    private readonly double[] _cumulative;

    public Zipf(int count)
    {
        _cumulative = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            _cumulative[i] = sum += 1 / Math.Pow(i + 1, 1.1);
    }

    public int Next(Random random)
    {
        var found = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(_cumulative.Length - 1, found < 0 ? ~found : found);
    }
}
