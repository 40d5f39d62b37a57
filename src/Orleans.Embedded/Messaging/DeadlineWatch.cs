using System.Collections.Concurrent;
using Orleans.Embedded.Scheduling;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Finds calls whose time is up. No call has a timer: a scheduler that gets a call puts itself on the list, once, and is looked at every
/// <see cref="Period"/> for as long as it has calls. A timeout can therefore be late by that much.
/// </summary>
internal sealed class DeadlineWatch : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ITimer _timer;
    private ConcurrentQueue<TurnScheduler> _watched = new();
    private ConcurrentQueue<TurnScheduler> _spare = new();
    private int _looking;

    public DeadlineWatch() => _timer = TimeProvider.System.CreateTimer(static state => ((DeadlineWatch)state!).Look(), this, Period, Period);

    public void Add(TurnScheduler scheduler) => Volatile.Read(ref _watched).Enqueue(scheduler);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1) return;
        var batch = Interlocked.Exchange(ref _watched, _spare);
        try
        {
            // Whoever read the old queue just before the exchange may still add to it: what comes late is found in a later round.
            var now = EngineClock.RealMs;
            for (var left = batch.Count; left > 0 && batch.TryDequeue(out var scheduler); left--)
                if (scheduler.CheckDeadlines(now)) Add(scheduler);
        }
        finally
        {
            _spare = batch;
            Volatile.Write(ref _looking, 0);
        }
    }
}
