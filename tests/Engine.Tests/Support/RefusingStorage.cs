using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Warroom.Engine.Tests.Support;

/// <summary>A storage in memory with versions as ETags, which checks them, and refuses what a test tells it to.</summary>
internal sealed class RefusingStorage : IGrainStorage
{
    private static readonly ConcurrentDictionary<string, (object Value, int Version)> Rows = new();
    private static readonly ConcurrentDictionary<string, Exception> Refusals = new();

    /// <summary>The next operation of that kind ("read", "write", "clear") on that key fails.</summary>
    public static void Refuse(string operation, string key, Exception exception) => Refusals[$"{operation} {key}"] = exception;

    /// <summary>Writes past the grain, as another activation would.</summary>
    public static void Overwrite(string key, object value) => Rows.AddOrUpdate(key, (value, 1), (_, row) => (value, row.Version + 1));

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await CheckAsync("read", grainId);
        if (!Rows.TryGetValue(grainId.Key.ToString()!, out var row)) return;
        (grainState.State, grainState.ETag, grainState.RecordExists) = ((T)row.Value, $"{row.Version}", true);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await CheckAsync("write", grainId);
        var stored = Rows.TryGetValue(grainId.Key.ToString()!, out var row) ? $"{row.Version}" : null;
        if (stored != grainState.ETag) throw new InconsistentStateException("Somebody else has written.", stored, grainState.ETag);
        Rows[grainId.Key.ToString()!] = (grainState.State!, row.Version + 1);
        (grainState.ETag, grainState.RecordExists) = ($"{row.Version + 1}", true);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await CheckAsync("clear", grainId);
        Rows.TryRemove(grainId.Key.ToString()!, out _);
        (grainState.ETag, grainState.RecordExists) = (null, false);
    }

    private static async Task CheckAsync(string operation, GrainId grainId)
    {
        await Task.Yield();
        if (Refusals.TryRemove($"{operation} {grainId.Key}", out var exception)) throw exception;
    }
}

internal static class RefusingStorageRegistration
{
    public static void AddRefusingStorage(this IServiceCollection services, string name) => services.AddGrainStorage(name, (_, _) => new RefusingStorage());
}
