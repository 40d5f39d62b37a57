namespace Warroom.Persistence;

/// <summary>What a rule decided about a command, given a log's state.</summary>
/// <typeparam name="TState">The log's state.</typeparam>
public sealed class LogDecision<TState>
    where TState : class
{
    internal LogDecision(IReadOnlyList<string> bodies, TState? state, DomainException? refusal)
    {
        Bodies = bodies;
        State = state;
        Refusal = refusal;
    }

    /// <summary>The bodies (JSON) of the events to append; empty for a write of the state alone.</summary>
    public IReadOnlyList<string> Bodies { get; }

    /// <summary>The state after; <see langword="null"/>: nothing is written.</summary>
    public TState? State { get; }

    /// <summary>Why the command is refused, if it is.</summary>
    public DomainException? Refusal { get; }
}

/// <summary>Makes decisions.</summary>
public static class LogDecision
{
    /// <summary>Appends events.</summary>
    /// <param name="bodies">Their JSON, one or more.</param>
    /// <param name="state">The state after the last of them.</param>
    public static LogDecision<TState> Append<TState>(IReadOnlyList<string> bodies, TState state)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(bodies);
        if (bodies.Count == 0)
            throw new ArgumentException("An append has at least one event.", nameof(bodies));
        return new(bodies, state, null);
    }

    /// <summary>Writes the state without an event; the version stays.</summary>
    public static LogDecision<TState> Save<TState>(TState state)
        where TState : class => new([], state, null);

    /// <summary>The state is as the command wants it already: nothing is written, and the version that was found is the answer.</summary>
    public static LogDecision<TState> Unchanged<TState>()
        where TState : class => new([], null, null);

    /// <summary>Refuses the command: nothing is written.</summary>
    public static LogDecision<TState> Refuse<TState>(DomainException refusal)
        where TState : class => new([], null, refusal);
}

/// <summary>The answer to a command whose outcome is durable.</summary>
/// <param name="Seq">The number of the last event that the command wrote (a resend gets the same); the version found if it wrote none.</param>
/// <param name="Repeated">Whether the operation was known already.</param>
/// <param name="State">The state as committed now, at or after <paramref name="Seq"/>.</param>
public readonly record struct LogResult<TState>(long Seq, bool Repeated, TState State)
    where TState : class;

/// <summary>What was committed, for publishing.</summary>
/// <param name="Events">One or more, with consecutive numbers.</param>
/// <param name="State">The state after the last of them.</param>
public sealed record LogCommit<TState>(System.Collections.Immutable.ImmutableArray<LoggedEvent> Events, TState State)
    where TState : class;
