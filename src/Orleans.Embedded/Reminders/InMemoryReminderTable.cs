using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>Reminders that are forgotten with the process. The silos of a cluster that are all in one process, as in tests, share them.</summary>
internal sealed class InMemoryReminderTable(string? cluster) : IReminderTable
{
    private static readonly ConcurrentDictionary<string, ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry>> Clusters = new(StringComparer.Ordinal);
    private static long s_version;

    private readonly ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> _entries = cluster is null ? new() : Clusters.GetOrAdd(cluster, _ => new());

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ReminderEntry>>([.. _entries.Values]);

    public Task<IReadOnlyList<ReminderEntry>> ReadAsync(GrainId grainId) =>
        Task.FromResult<IReadOnlyList<ReminderEntry>>([.. _entries.Values.Where(entry => entry.GrainId == grainId)]);

    public Task<ReminderEntry?> ReadAsync(GrainId grainId, string name) => Task.FromResult(_entries.GetValueOrDefault((grainId, name)));

    public Task<ReminderEntry> UpsertAsync(ReminderEntry entry)
    {
        var written = entry with { ETag = Interlocked.Increment(ref s_version).ToString(), LastTick = null };
        _entries[(entry.GrainId, entry.Name)] = written;
        return Task.FromResult(written);
    }

    public Task RemoveAsync(GrainId grainId, string name)
    {
        _entries.TryRemove((grainId, name), out _);
        return Task.CompletedTask;
    }

    public Task NoteTickAsync(ReminderEntry entry, DateTime due)
    {
        if (_entries.TryGetValue((entry.GrainId, entry.Name), out var known) && known.ETag == entry.ETag && !(known.LastTick >= due))
            _entries.TryUpdate((entry.GrainId, entry.Name), known with { LastTick = due }, known);
        return Task.CompletedTask;
    }
}
