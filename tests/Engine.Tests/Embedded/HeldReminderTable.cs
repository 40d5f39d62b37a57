using Orleans.Embedded.Reminders;

namespace Warroom.Engine.Tests.Embedded;

/// <summary>Reminders in memory; what a reading of all of them has found can be held until the test lets it go.</summary>
internal sealed class HeldReminderTable : IReminderTable
{
    private readonly InMemoryReminderTable _table = new(null);
    private volatile TaskCompletionSource? _held;

    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var held = _held;
        _held = null;
        held?.SetResult();
    }

    public Task StartAsync(CancellationToken cancellationToken) => _table.StartAsync(cancellationToken);

    public async Task<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var found = await _table.ReadAllAsync(cancellationToken);
        if (_held is { } held) await held.Task.WaitAsync(cancellationToken);
        return found;
    }

    public Task<IReadOnlyList<ReminderEntry>> ReadAsync(GrainId grainId) => _table.ReadAsync(grainId);

    public Task<ReminderEntry?> ReadAsync(GrainId grainId, string name) => _table.ReadAsync(grainId, name);

    public Task<ReminderEntry> UpsertAsync(ReminderEntry entry) => _table.UpsertAsync(entry);

    public Task RemoveAsync(GrainId grainId, string name) => _table.RemoveAsync(grainId, name);

    public Task NoteTickAsync(ReminderEntry entry, DateTime due) => _table.NoteTickAsync(entry, due);
}
