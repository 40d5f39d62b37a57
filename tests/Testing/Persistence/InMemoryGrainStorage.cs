using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Warroom.Persistence;

namespace Warroom.Testing.Persistence;

/// <summary>What goes wrong with one write of a grain's state.</summary>
public enum WriteFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It fails before anything is written.</summary>
    FailBefore,

    /// <summary>It is written, and fails all the same.</summary>
    FailAfter,
}

/// <summary>Grain state in memory for tests of grains: stored as the JSON that PostgreSQL gets, conditional on its ETag, with faults. Lives as long as the test.</summary>
public sealed class InMemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Id), (string Json, int ETag)> _records = new();
    private int _writes;

    /// <summary>What becomes of a write (or clearing) of the state with this name; nothing goes wrong unless it says so.</summary>
    public Func<string, WriteFault> Fault { get; set; } = _ => WriteFault.None;

    /// <summary>How many writes were asked for.</summary>
    public int Writes => Volatile.Read(ref _writes);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var record))
        {
            grainState.State = JsonSerializer.Deserialize(record.Json, Json<T>())!;
            grainState.ETag = record.ETag.ToString();
            grainState.RecordExists = true;
        }
        else
        {
            Reset(grainState);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteAsync(stateName, () =>
    {
        var stored = Check((stateName, grainId), grainState);
        var etag = (stored ?? 0) + 1;
        _records[(stateName, grainId)] = (JsonSerializer.Serialize(grainState.State, Json<T>()), etag);
        return () =>
        {
            grainState.ETag = etag.ToString();
            grainState.RecordExists = true;
        };
    });

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteAsync(stateName, () =>
    {
        Check((stateName, grainId), grainState);
        _records.TryRemove((stateName, grainId), out _);
        return () => Reset(grainState);
    });

    private async Task WriteAsync(string stateName, Func<Action> write)
    {
        Interlocked.Increment(ref _writes);
        var fault = Fault(stateName);
        await Task.Yield();
        if (fault == WriteFault.FailBefore)
            throw new IOException($"The storage of this test failed before it wrote {stateName}.");
        var tell = write();
        if (fault == WriteFault.FailAfter)
            throw new IOException($"The storage of this test failed after it wrote {stateName}.");
        tell();
    }

    private int? Check<T>((string Name, GrainId Id) key, IGrainState<T> grainState)
    {
        int? stored = _records.TryGetValue(key, out var record) ? record.ETag : null;
        if (stored?.ToString() != grainState.ETag)
            throw new InconsistentStateException($"{key.Name} {key.Id} was written by somebody else.", stored?.ToString() ?? "none", grainState.ETag ?? "none");
        return stored;
    }

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static JsonTypeInfo<T> Json<T>() => (JsonTypeInfo<T>)StateJson.Stored.GetTypeInfo(typeof(T));
}
