using System.Collections.Concurrent;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Callers that call grains of all silos without a pause until they are told to stop, and remember what went wrong.</summary>
internal sealed class CallLoad : IDisposable
{
    private readonly IReadOnlyList<IPlaceGrain> _grains;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _callers;
    private readonly ConcurrentQueue<Exception> _failures = new();
    private long _calls;

    /// <param name="client">Who calls.</param>
    /// <param name="prefix">What the grains' keys begin with.</param>
    /// <param name="callers">How many call at once.</param>
    /// <param name="relayed">Whether every other call goes from grain to grain too.</param>
    public CallLoad(IGrainFactory client, string prefix, int callers = 16, bool relayed = true)
    {
        _grains = [.. Enumerable.Range(0, 120).Select(i => client.GetGrain<IPlaceGrain>($"{prefix} load {i}"))];
        var targets = Enumerable.Range(0, 120).Select(i => client.GetGrain<IPlaceGrain>($"{prefix} target {i}")).ToList();
        _callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var n = caller; !_stop.IsCancellationRequested; n++)
            {
                var grain = _grains[(n * 31) % _grains.Count];
                try
                {
                    if (relayed && n % 2 == 0) await grain.WhereOf(targets[(n * 17) % targets.Count]);
                    else await grain.Echo("load");
                    Interlocked.Increment(ref _calls);
                }
                catch (Exception exception)
                {
                    _failures.Enqueue(exception);
                }
            }
        }))];
    }

    public IReadOnlyList<IPlaceGrain> Grains => _grains;

    public long Calls => Interlocked.Read(ref _calls);

    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>Completes when so many more calls were answered.</summary>
    public Task AnsweredAsync(int more)
    {
        var target = Calls + more;
        return Eventually.HoldsAsync($"{more} more calls", () => Calls >= target);
    }

    public void Dispose() => _stop.Dispose();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Eventually.CompletesAsync("the callers' last calls", Task.WhenAll(_callers), TimeSpan.FromSeconds(60));
    }
}
