using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>Reminders that are forgotten with the process.</summary>
internal sealed class InMemoryReminderTable : IReminderTable
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> _entries = new();
    private long _version;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ReminderEntry>>([.. _entries.Values]);

    public Task<IReadOnlyList<ReminderEntry>> ReadAsync(GrainId grainId) =>
        Task.FromResult<IReadOnlyList<ReminderEntry>>([.. _entries.Values.Where(entry => entry.GrainId == grainId)]);

    public Task<ReminderEntry?> ReadAsync(GrainId grainId, string name) => Task.FromResult(_entries.GetValueOrDefault((grainId, name)));

    public Task<ReminderEntry> UpsertAsync(ReminderEntry entry)
    {
        var written = entry with { ETag = Interlocked.Increment(ref _version).ToString() };
        _entries[(entry.GrainId, entry.Name)] = written;
        return Task.FromResult(written);
    }

    public Task RemoveAsync(GrainId grainId, string name)
    {
        _entries.TryRemove((grainId, name), out _);
        return Task.CompletedTask;
    }
}
