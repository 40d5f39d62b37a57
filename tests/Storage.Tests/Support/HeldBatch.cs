using Warroom.Testing;

namespace Warroom.Storage.Tests;

/// <summary>Holds the one writer of a storage at a locked row: what is handed over until <see cref="GoAsync"/> is one batch.</summary>
internal sealed class HeldBatch : IAsyncDisposable
{
    private readonly RowLock _lock;
    private readonly Task _held;

    private HeldBatch(RowLock rowLock, Task held)
    {
        _lock = rowLock;
        _held = held;
    }

    public static async Task<HeldBatch> BeginAsync(StorageUnderTest storage, string connectionString)
    {
        var gate = await NoteWriter.LoadAsync(storage.Notes);
        await gate.AppendAsync("gate");
        var rowLock = await RowLock.TakeAsync(connectionString, gate.Id);
        var held = gate.AppendAsync("held");
        await LockWaitAsync(connectionString);
        return new(rowLock, held);
    }

    /// <summary>Waits until some session of the database waits for a lock.</summary>
    public static Task LockWaitAsync(string connectionString) => Eventually.HoldsAsync(
        "a writer to wait for the row's lock",
        async () => await Sql.ScalarAsync<long>(connectionString, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);

    public async Task GoAsync()
    {
        await _lock.ReleaseAsync();
        await _held;
    }

    public ValueTask DisposeAsync() => _lock.DisposeAsync();
}
