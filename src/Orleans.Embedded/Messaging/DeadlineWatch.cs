using System.Collections.Concurrent;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Finds calls whose time is up. No call has a timer: whoever holds calls puts itself on the list, once, and is looked at every
/// <see cref="Period"/> for as long as it has calls. A timeout can therefore be late by that much.
/// </summary>
internal sealed class DeadlineWatch : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ITimer _timer;
    private ConcurrentQueue<IWatched> _watched = new();
    private ConcurrentQueue<IWatched> _spare = new();
    private int _looking;

    public DeadlineWatch() => _timer = TimeProvider.System.CreateTimer(static state => ((DeadlineWatch)state!).Look(), this, Period, Period);

    public void Add(IWatched holder) => Volatile.Read(ref _watched).Enqueue(holder);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1) return;
        var batch = Interlocked.Exchange(ref _watched, _spare);
        try
        {
            // Whoever read the old queue just before the exchange may still add to it: what comes late is found in a later round.
            var now = EngineClock.RealMs;
            for (var left = batch.Count; left > 0 && batch.TryDequeue(out var holder); left--)
                if (holder.CheckDeadlines(now)) Add(holder);
        }
        finally
        {
            _spare = batch;
            Volatile.Write(ref _looking, 0);
        }
    }
}

/// <summary>What holds calls whose time can be up.</summary>
internal interface IWatched
{
    /// <summary>Answers calls whose time is up. False when nothing is left to watch.</summary>
    bool CheckDeadlines(long now);
}
