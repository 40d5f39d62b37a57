using Orleans.Runtime;
using Warroom.Operations;
using Warroom.Streams;

namespace Warroom.Services;

/// <summary>A service of the catalogue: decides by <see cref="ServiceRules"/>, stores, tells lists. Not reentrant; only reads get in between, and see what is stored.</summary>
public sealed class ServiceGrain(
    [PersistentState("service", "warroom")] IPersistentState<ServiceState> stored,
    TimeProvider time,
    ILogger<ServiceGrain> logger) : OperableGrain, IServiceGrain
{
    /// <summary>
    /// How many services are asked in search of a circle. The search is for people who slip, not a guarantee: two that register at the same time do not see each other, and beyond this many it gives up. Whoever
    /// follows dependencies must stand a circle.
    /// </summary>
    private const int CircleSearchMax = 500;

    private ServiceState? _entry;
    private bool _mustRead;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _entry = stored.RecordExists ? stored.State : null;
        return Task.CompletedTask;
    }

    public async Task<ServiceView> RegisterAsync(RegisterService command, CancellationToken cancellationToken = default)
    {
        await ReadAgainAsync();
        var name = this.GetPrimaryKeyString();
        var after = ServiceRules.Register(_entry, name, command, time.GetUtcNow());
        if (ReferenceEquals(after, _entry))
            return after.ToView();

        await RefuseCircleAsync(name, ServiceRules.NewDependencies(_entry, after));
        stored.State = after;
        _mustRead = true;
        await stored.WriteStateAsync(CancellationToken.None);
        (_entry, _mustRead) = (after, false);
        await this.TellCatalogueAsync("service", name, logger);
        return after.ToView();
    }

    public Task<ServiceView?> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(_entry?.ToView());

    public async Task RemoveAsync(CancellationToken cancellationToken = default)
    {
        await ReadAgainAsync();
        if (_entry is null)
            return;

        _mustRead = true;
        await stored.ClearStateAsync(CancellationToken.None);
        (_entry, _mustRead) = (null, false);
        await this.TellCatalogueAsync("service", this.GetPrimaryKeyString(), logger);
        DeactivateOnIdle();
    }

    /// <summary>After a write that failed nobody knows what is stored until it is read again.</summary>
    private async Task ReadAgainAsync()
    {
        if (!_mustRead)
            return;
        await stored.ReadStateAsync(CancellationToken.None);
        (_entry, _mustRead) = (stored.RecordExists ? stored.State : null, false);
    }

    private async Task RefuseCircleAsync(string name, IReadOnlyList<string> added)
    {
        var neededBy = added.ToDictionary(service => service, _ => name, StringComparer.Ordinal);
        var level = added;
        while (level.Count > 0 && neededBy.Count <= CircleSearchMax)
        {
            var entries = await Task.WhenAll(level.Select(service => GrainFactory.GetGrain<IServiceGrain>(service).GetAsync()));
            var next = new List<string>();
            foreach (var entry in entries.OfType<ServiceView>())
            {
                if (entry.DependsOn.Contains(name))
                    throw ServiceRules.Circle(PathTo(name, entry.Name, neededBy));
                next.AddRange(entry.DependsOn.Where(service => neededBy.TryAdd(service, entry.Name)));
            }

            level = next;
        }
    }

    private static List<string> PathTo(string name, string last, Dictionary<string, string> neededBy)
    {
        var path = new List<string>();
        for (var service = last; service != name; service = neededBy[service])
            path.Insert(0, service);
        path.Insert(0, name);
        return path;
    }
}
