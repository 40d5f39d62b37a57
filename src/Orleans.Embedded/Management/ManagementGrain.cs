using Orleans.Concurrency;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Management;

/// <summary>Shows and steers the cluster.</summary>
[StatelessWorker, GrainType("sys.management")]
internal sealed class ManagementGrain(SiloRuntime runtime, IdleCollector collector, IMembership membership) : Grain, IManagementGrain
{
    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(10);

    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false)
    {
        var view = membership.View;
        var hosts = new Dictionary<SiloAddress, SiloStatus>();
        foreach (var member in view.Dead.Concat(view.Members))
        {
            // A silo that is alone has no view in which it stops.
            var status = member.Address.Equals(runtime.Address) && member.Status == SiloStatus.Active ? runtime.Status : member.Status;
            if (!onlyActive || status == SiloStatus.Active) hosts[member.Address] = status;
        }

        return Task.FromResult(hosts);
    }

    public Task ForceGarbageCollection(SiloAddress[] hostsIds)
    {
        if (IsHere(hostsIds)) GC.Collect();
        return Task.CompletedTask;
    }

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        IsHere(hostsIds) ? collector.CollectAsync(ageLimit) : Task.CompletedTask;

    public Task ForceActivationCollection(TimeSpan ageLimit) => collector.CollectAsync(ageLimit);

    public Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds)
    {
        if (!IsHere(hostsIds)) return Task.FromResult<SiloRuntimeStatistics[]>([]);
        var since = runtime.Clock.NowMs - (long)Recently.TotalMilliseconds;
        return Task.FromResult<SiloRuntimeStatistics[]>(
        [
            new SiloRuntimeStatistics(
                runtime.Catalog.ActivationCount, runtime.Catalog.Activations().Count(activation => activation.IsUsedSince(since)),
                runtime.Clock.TimeProvider.GetUtcNow().UtcDateTime),
        ]);
    }

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        IsHere(hostsIds) ? GetSimpleGrainStatistics() : Task.FromResult<SimpleGrainStatistic[]>([]);

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => Task.FromResult(runtime.Catalog.Activations()
        .CountBy(activation => activation.Class.TypeName)
        .Select(count => new SimpleGrainStatistic { GrainType = count.Key, ActivationCount = count.Value, SiloAddress = runtime.Address })
        .ToArray());

    public Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null) =>
        Task.FromResult(hostsIds is not null && !IsHere(hostsIds) ? [] : runtime.Catalog.Activations()
            .Where(activation => types is null || types.Contains(activation.Class.TypeName) || types.Contains(activation.Class.Descriptor.Type.FullName))
            .Select(activation => new DetailedGrainStatistic
            {
                GrainType = activation.Class.TypeName,
                SiloAddress = runtime.Address,
                GrainId = activation.GrainId,
            })
            .ToArray());

    public Task<int> GetTotalActivationCount() => Task.FromResult(runtime.Catalog.ActivationCount);

    public ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference) =>
        ValueTask.FromResult(runtime.Catalog.Find(reference.GetGrainId()) is null ? null : runtime.Address);

    public ValueTask<List<GrainId>> GetActiveGrains(GrainType type) => ValueTask.FromResult(runtime.Catalog.Activations()
        .Where(activation => activation.GrainId.Type == type).Select(activation => activation.GrainId).Distinct().ToList());

    private bool IsHere(SiloAddress[] hosts) => hosts.Length == 0 || hosts.Contains(runtime.Address);
}
