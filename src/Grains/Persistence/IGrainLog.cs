namespace Warroom.Persistence;

/// <summary>
/// The second door to PostgreSQL: the logs of one kind of grain (incidents, bot sessions). A log is one row (the state that its events add up to, with version and epoch) and its events under the primary key
/// (owner id, seq). Appends of many grains travel in one transaction; one loser never aborts the others. Appends of one owner may be in flight one after another: they are committed and completed in the order in which
/// <see cref="AppendAsync"/> was called.
/// </summary>
/// <typeparam name="TState">The state, an immutable record; stored as JSON beside typed columns.</typeparam>
public interface IGrainLog<TState>
    where TState : class
{
    /// <summary>Reads the row. Takes nothing: the epoch is claimed by the first append.</summary>
    Task<LogSnapshot<TState>> LoadAsync(Guid ownerId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends events and writes the new row, in one transaction. Completes when that is durable. Fails with
    /// <see cref="Orleans.Storage.InconsistentStateException"/> when version, epoch or hash are not as expected (another activation has written: nothing of this append is there);
    /// <see cref="OperationRepeatedException"/> when the operation id is stored already (nothing of this append is there);
    /// <see cref="AppendOutcomeUnknownException"/> when the connection broke around the commit and it could not be found out in time what became of it;
    /// any other exception: nothing of this append is there. It cannot be cancelled: the outcome has to be known.
    /// </summary>
    Task AppendAsync(LogAppend<TState> append);

    /// <summary>Events after <paramref name="afterSeq"/> in order, at most <paramref name="limit"/> (1 to 1,000).</summary>
    Task<IReadOnlyList<LoggedEvent>> ReadAsync(Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken = default);

    /// <summary>The number of the last event of a stored operation, or <see langword="null"/> if that operation is not stored.</summary>
    Task<long?> FindOperationAsync(Guid ownerId, Guid operationId, CancellationToken cancellationToken = default);
}

/// <summary>A log's row as it was read.</summary>
/// <param name="State">The state, or <see langword="null"/> if there is no such owner yet.</param>
/// <param name="Version">The number of its last event; 0 if there is none.</param>
/// <param name="Epoch">The epoch of its last writer; 0 if there is none.</param>
/// <param name="Hash">The hash of its last event; <see cref="EventHash.Genesis"/> if there is none.</param>
public sealed record LogSnapshot<TState>(TState? State, long Version, long Epoch, string Hash)
    where TState : class;

/// <summary>One append: what an operation adds to a log.</summary>
public sealed record LogAppend<TState>
    where TState : class
{
    /// <summary>Whose log.</summary>
    public required Guid OwnerId { get; init; }

    /// <summary>The version before: the number of the event before the first of <see cref="Events"/>; 0 makes the row.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The epoch before: what was read for the first append after a read, afterwards that append's.</summary>
    public required long ExpectedEpoch { get; init; }

    /// <summary>
    /// The hash before: the row must have it. Version and epoch alone do not tell two histories apart: behind an append that failed, what another activation (or an append of this one that ended late, after its outcome
    /// was given up as unknown) wrote under the same numbers would be taken for it, and what was decided on the failed one would be stored on top of the stranger.
    /// </summary>
    public required string ExpectedHash { get; init; }

    /// <summary>The activation's epoch: <see cref="ExpectedEpoch"/>, or for the first append after a read that plus 1.</summary>
    public required long Epoch { get; init; }

    /// <summary>Consecutive numbers from <see cref="ExpectedVersion"/> + 1. Empty: only the row's state is written (a reply's text so far), the version stays.</summary>
    public required IReadOnlyList<LoggedEvent> Events { get; init; }

    /// <summary>The state after.</summary>
    public required TState State { get; init; }

    /// <summary>The hash after.</summary>
    public required string Hash { get; init; }

    /// <summary>The operation, unique within its owner; <see langword="null"/> for what Warroom does by itself and need not find again.</summary>
    public Guid? OperationId { get; init; }
}
