namespace Warroom.Persistence;

/// <summary>A state that waits to be written; taken from the grain when it was handed over, for the grain may change its object meanwhile.</summary>
/// <param name="key">The grain's row.</param>
/// <param name="expectedVersion">From the ETag; 0: there must be no record.</param>
/// <param name="state">The state as JSON; <see langword="null"/> clears it.</param>
/// <param name="columns">The typed columns' values.</param>
internal sealed class StateWrite(RowKey key, long expectedVersion, string? state, object?[] columns)
    : PendingWrite(key, 512 + (state?.Length ?? 0))
{
    public long ExpectedVersion { get; } = expectedVersion;

    public string? State { get; } = state;

    public object?[] Columns { get; } = columns;

    /// <summary>Unique for each write: tells whether the row is this one's.</summary>
    public Guid WriteId { get; } = Guid.NewGuid();

    /// <summary>The version after; known when it is written.</summary>
    public long Version { get; set; }
}
