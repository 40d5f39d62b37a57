namespace Warroom.Persistence;

/// <summary>Whose row a write is for: writes of one row are committed in the order in which they came.</summary>
/// <param name="Table">The table.</param>
/// <param name="Id">The key where it is a UUID.</param>
/// <param name="Name">The key where it is a text.</param>
internal readonly record struct RowKey(WriteTable Table, Guid Id, string? Name)
{
    public override string ToString() => $"{Table.Name} {Name ?? Id.ToString()}";
}

/// <summary>A write that waits to be committed, and its caller.</summary>
internal abstract class PendingWrite(RowKey key, long bytes)
{
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whose row.</summary>
    public RowKey Key { get; } = key;

    /// <summary>About how much memory it holds.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Completes when it is durable; fails with what the caller is to know.</summary>
    public Task Written => _written.Task;

    public void Succeed() => _written.TrySetResult();

    public void Fail(Exception failure) => _written.TrySetException(failure);
}

/// <summary>Writes of one row that travel together, in order: all of them pass or none.</summary>
internal sealed class WriteUnit(IReadOnlyList<PendingWrite> writes, bool mayBeThere = false)
{
    /// <summary>One or more.</summary>
    public IReadOnlyList<PendingWrite> Writes { get; } = writes;

    /// <summary>Whose row.</summary>
    public RowKey Key => Writes[0].Key;

    /// <summary>Whether an earlier attempt broke off so that it may have been committed.</summary>
    public bool MayBeThere { get; set; } = mayBeThere;

    /// <summary>Whether its callers have their answer.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether it passed in the last attempt.</summary>
    public bool Passed { get; set; }
}
