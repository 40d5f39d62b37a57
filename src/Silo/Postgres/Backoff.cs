using System.Security.Cryptography;

namespace Warroom.Postgres;

/// <summary>Waits before a repetition: 10 ms at first, doubled each time up to 1 s, of which a random half is taken off, so that those who failed together do not come back together.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private const int Grain = 1 << 20;

    /// <summary>Waits before repetition number <paramref name="repetition"/> (the first is 1).</summary>
    public Task WaitAsync(int repetition, CancellationToken cancellationToken)
    {
        var full = First * Math.Pow(2, Math.Min(repetition - 1, 20));
        var bounded = full < Longest ? full : Longest;
        return Task.Delay(bounded * (0.5 + (0.5 * RandomNumberGenerator.GetInt32(Grain) / Grain)), time, cancellationToken);
    }
}
