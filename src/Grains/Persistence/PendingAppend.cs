namespace Warroom.Persistence;

/// <summary>What became of an append.</summary>
internal enum AppendOutcomeKind
{
    /// <summary>It is durable.</summary>
    Committed,

    /// <summary>Its operation was stored before; nothing of this append is there.</summary>
    Repeated,

    /// <summary>It was decided on something that failed; nothing of it is there.</summary>
    Lost,

    /// <summary>Nobody knows yet.</summary>
    Unknown,

    /// <summary>It failed by itself; nothing of it is there.</summary>
    Failed,
}

/// <summary>What became of an append, with the number of the stored operation or the failure.</summary>
internal readonly record struct AppendOutcome(AppendOutcomeKind Kind, long Seq = 0, Exception? Error = null);

/// <summary>An append that was handed over.</summary>
internal sealed class PendingAppend<TState>(Guid? operationId, IReadOnlyList<LoggedEvent> events, LogSnapshot<TState> before, LogSnapshot<TState> after)
    where TState : class
{
    private readonly TaskCompletionSource<AppendOutcome> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid? OperationId { get; } = operationId;

    public IReadOnlyList<LoggedEvent> Events { get; } = events;

    /// <summary>The row that it was decided on.</summary>
    public LogSnapshot<TState> Before { get; } = before;

    /// <summary>The row as it will be.</summary>
    public LogSnapshot<TState> After { get; } = after;

    /// <summary>The storage's own task.</summary>
    public Task Written { get; set; } = Task.CompletedTask;

    /// <summary>What became of it; set in the order of numbers, never fails.</summary>
    public Task<AppendOutcome> Settled => _settled.Task;

    public void Settle(AppendOutcome outcome) => _settled.SetResult(outcome);
}
