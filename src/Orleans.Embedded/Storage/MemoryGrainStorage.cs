using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Storage;

/// <summary>
/// Keeps states in the process's memory. States are shared, not copied, as everywhere in the engine: they must be replaced, not changed.
/// </summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), Record> _records = new();
    private long _version;

    private sealed record Record(object? State, string ETag);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var record))
        {
            grainState.State = (T)record.State!;
            grainState.ETag = record.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var fresh = new Record(grainState.State, Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture));
        var key = (stateName, grainId);
        var stored = _records.GetValueOrDefault(key);
        var written = stored?.ETag == grainState.ETag
            && (stored is null ? _records.TryAdd(key, fresh) : _records.TryUpdate(key, fresh, stored));
        if (!written) throw Mismatch(stateName, grainId, grainState.ETag);
        grainState.ETag = fresh.ETag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var stored = _records.GetValueOrDefault(key);
        var cleared = stored?.ETag == grainState.ETag
            && (stored is null || _records.TryRemove(new KeyValuePair<(string, GrainId), Record>(key, stored)));
        if (!cleared) throw Mismatch(stateName, grainId, grainState.ETag);
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private InconsistentStateException Mismatch(string stateName, GrainId grainId, string? known)
    {
        var stored = _records.GetValueOrDefault((stateName, grainId))?.ETag;
        return new InconsistentStateException(
            $"State {stateName} of grain {grainId} is stored as version {stored ?? "none"}, the writer knew {known ?? "none"}.", stored, known);
    }
}
