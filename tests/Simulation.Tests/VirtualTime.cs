namespace Warroom.Simulation;

/// <summary>A time that goes from event to event: those of the same moment in the order in which they were planned. Nothing else decides what comes next.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;

    /// <summary>Milliseconds since the beginning.</summary>
    public long NowMs { get; private set; }

    /// <summary>How many events there were.</summary>
    public long Events { get; private set; }

    public void After(long delayMs, Action action) => _events.Enqueue(action, (NowMs + Math.Max(0, delayMs), _order++));

    /// <summary>Runs what is due until that moment.</summary>
    public void RunUntil(long untilMs)
    {
        while (_events.TryPeek(out _, out var due) && due.At <= untilMs)
        {
            var action = _events.Dequeue();
            NowMs = due.At;
            Events++;
            action();
        }

        NowMs = untilMs;
    }
}
