using System.Collections.Immutable;

namespace Warroom.Persistence;

/// <summary>
/// Publishes what was committed, in order, one call at a time: what is committed while a call runs leaves together in the next. Nobody waits for it, and it cannot fail a command: listeners that miss
/// something see a gap in the numbers and read the log. Runs on its activation's scheduler, like <see cref="PipelinedLog{TState}"/>, whose proof covers it.
/// </summary>
internal sealed partial class CommitPublisher<TState>(Guid ownerId, Func<LogCommit<TState>, Task> publish, ILogger logger)
    where TState : class
{
    /// <summary>The most events in one call.</summary>
    public const int BatchMax = 500;

    /// <summary>The most events that wait for a slow call; what is older is dropped.</summary>
    public const int WaitingMax = 5_000;

    private readonly Queue<(IReadOnlyList<LoggedEvent> Events, TState State)> _waiting = new();
    private int _waitingEvents;
    private bool _running;

    /// <summary>Completes when nothing waits; never fails.</summary>
    public Task Idle { get; private set; } = Task.CompletedTask;

    /// <summary>Adds committed events; they leave with the next <see cref="Start"/> or after the call that runs.</summary>
    public void Add(IReadOnlyList<LoggedEvent> events, TState state)
    {
        _waiting.Enqueue((events, state));
        _waitingEvents += events.Count;
        var dropped = 0;
        while (_waitingEvents > WaitingMax && _waiting.Count > 1)
            dropped += Take().Events.Count;
        if (dropped > 0)
            LogDropped(ownerId, dropped);
    }

    /// <summary>Begins to publish unless it does already.</summary>
    public void Start()
    {
        if (_running || _waiting.Count == 0)
            return;
        _running = true;
        Idle = RunAsync();
    }

    private async Task RunAsync()
    {
        while (_waiting.Count > 0)
        {
            var commit = NextBatch();
            try
            {
                await publish(commit);
            }
            catch (Exception exception)
            {
                // The top of this loop: the events are committed whatever becomes of their publishing.
                LogPublishFailed(exception, ownerId, commit.Events[0].Seq, commit.Events[^1].Seq);
            }
        }

        _running = false;
    }

    private LogCommit<TState> NextBatch()
    {
        var (events, state) = Take();
        if (_waiting.Count == 0)
            return new([.. events], state);
        var batch = ImmutableArray.CreateBuilder<LoggedEvent>();
        batch.AddRange(events);
        while (_waiting.TryPeek(out var next) && batch.Count + next.Events.Count <= BatchMax)
        {
            (events, state) = Take();
            batch.AddRange(events);
        }

        return new(batch.ToImmutable(), state);
    }

    private (IReadOnlyList<LoggedEvent> Events, TState State) Take()
    {
        var next = _waiting.Dequeue();
        _waitingEvents -= next.Events.Count;
        return next;
    }
}
