using Orleans.Embedded.Activations;
using Orleans.Runtime;

namespace Orleans.Embedded.Management;

/// <summary>What the management grain asks of one silo: a system target of each.</summary>
[Alias("sys.silo.control")]
internal interface ISiloControl : IGrainObserver
{
    /// <summary>Runs the garbage collector.</summary>
    [Alias("collect-garbage")]
    Task CollectGarbage();

    /// <summary>Ends activations that were idle for so long, and waits for that.</summary>
    [Alias("collect-activations")]
    Task CollectActivations(TimeSpan age);

    /// <summary>The silo's figures.</summary>
    [Alias("statistics")]
    Task<SiloRuntimeStatistics> GetStatistics();

    /// <summary>Activations by class.</summary>
    [Alias("simple")]
    Task<SimpleGrainStatistic[]> GetSimpleStatistics();

    /// <summary>Every activation, of these classes if any are named.</summary>
    [Alias("detailed")]
    Task<DetailedGrainStatistic[]> GetDetailedStatistics(string[]? types);

    /// <summary>The active grains of a type.</summary>
    [Alias("active")]
    Task<List<GrainId>> GetActiveGrains(GrainType type);

    /// <summary>Whether the grain is active here.</summary>
    [Alias("is-active")]
    Task<bool> IsActive(GrainId grainId);
}

internal sealed class SiloControl(SiloRuntime runtime, IdleCollector collector) : ISiloControl
{
    /// <summary>The system target's name.</summary>
    public const string Name = "control";

    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(10);

    public Task CollectGarbage()
    {
        GC.Collect();
        return Task.CompletedTask;
    }

    public Task CollectActivations(TimeSpan age) => collector.CollectAsync(age);

    public Task<SiloRuntimeStatistics> GetStatistics()
    {
        var since = runtime.Clock.NowMs - (long)Recently.TotalMilliseconds;
        return Task.FromResult(new SiloRuntimeStatistics(
            runtime.Catalog.ActivationCount, runtime.Catalog.Activations().Count(activation => activation.IsUsedSince(since)),
            runtime.Clock.TimeProvider.GetUtcNow().UtcDateTime));
    }

    public Task<SimpleGrainStatistic[]> GetSimpleStatistics() => Task.FromResult(runtime.Catalog.Activations()
        .CountBy(activation => activation.Class.TypeName)
        .Select(count => new SimpleGrainStatistic { GrainType = count.Key, ActivationCount = count.Value, SiloAddress = runtime.Address })
        .ToArray());

    public Task<DetailedGrainStatistic[]> GetDetailedStatistics(string[]? types) => Task.FromResult(runtime.Catalog.Activations()
        .Where(activation => types is null || types.Contains(activation.Class.TypeName) || types.Contains(activation.Class.Descriptor.Type.FullName))
        .Select(activation => new DetailedGrainStatistic
        {
            GrainType = activation.Class.TypeName,
            SiloAddress = runtime.Address,
            GrainId = activation.GrainId,
        })
        .ToArray());

    public Task<List<GrainId>> GetActiveGrains(GrainType type) => Task.FromResult(runtime.Catalog.Activations()
        .Where(activation => activation.GrainId.Type == type).Select(activation => activation.GrainId).Distinct().ToList());

    public Task<bool> IsActive(GrainId grainId) => Task.FromResult(runtime.Catalog.Find(grainId) is not null);
}
