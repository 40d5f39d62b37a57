using Orleans.Concurrency;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Management;

/// <summary>Shows and steers the cluster: it asks the silos, each through its <see cref="ISiloControl"/>.</summary>
[StatelessWorker, GrainType("sys.management")]
internal sealed class ManagementGrain(SiloRuntime runtime, IMembership membership) : Grain, IManagementGrain
{
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

    public Task ForceGarbageCollection(SiloAddress[] hostsIds) => AskAsync(hostsIds, static silo => Done(silo.CollectGarbage()));

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) => AskAsync(hostsIds, silo => Done(silo.CollectActivations(ageLimit)));

    public Task ForceActivationCollection(TimeSpan ageLimit) => ForceActivationCollection([], ageLimit);

    public async Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds) => [.. await AskAsync(hostsIds, static silo => silo.GetStatistics())];

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        [.. (await AskAsync(hostsIds, static silo => silo.GetSimpleStatistics())).SelectMany(statistics => statistics)];

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => GetSimpleGrainStatistics([]);

    public async Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null) =>
        [.. (await AskAsync(hostsIds ?? [], silo => silo.GetDetailedStatistics(types))).SelectMany(statistics => statistics)];

    public async Task<int> GetTotalActivationCount() => (await AskAsync([], static silo => silo.GetStatistics())).Sum(statistics => statistics.ActivationCount);

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference)
    {
        var grainId = reference.GetGrainId();
        var silos = Silos([]);
        var found = await Task.WhenAll(silos.Select(silo => AskOneAsync(silo, control => control.IsActive(grainId))));
        var index = Array.FindIndex(found, answer => answer.Answer);
        return index < 0 ? null : silos[index];
    }

    public async ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        [.. (await AskAsync([], silo => silo.GetActiveGrains(type))).SelectMany(grains => grains).Distinct()];

    /// <summary>The answers of these silos, of all if none are named. One that goes meanwhile has none.</summary>
    private async Task<IEnumerable<T>> AskAsync<T>(SiloAddress[] hosts, Func<ISiloControl, Task<T>> question)
    {
        var answers = await Task.WhenAll(Silos(hosts).Select(silo => AskOneAsync(silo, question)));
        return answers.Where(answer => answer.IsThere).Select(answer => answer.Answer!);
    }

    private async Task<(bool IsThere, T? Answer)> AskOneAsync<T>(SiloAddress silo, Func<ISiloControl, Task<T>> question)
    {
        try
        {
            return (true, await question(runtime.SystemTargets.Reference<ISiloControl>(SiloControl.Name, silo.ToParsableString())));
        }
        catch (SiloUnavailableException) when (!silo.Equals(runtime.Address))
        {
            return (false, default);
        }
    }

    private List<SiloAddress> Silos(SiloAddress[] hosts) =>
        [.. membership.View.Members.Where(member => member.Status == SiloStatus.Active).Select(member => member.Address)
            .Where(address => hosts.Length == 0 || hosts.Contains(address))];

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
