using Orleans.Embedded.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>The membership of a cluster that is this silo and nobody else.</summary>
internal sealed class SingleSiloMembership(LocalSilo silo, TimeProvider time) : IMembership
{
    public ClusterView View { get; } = new(
        1, [new ClusterMember(silo.SiloAddress, silo.Name, SiloStatus.Active, silo.GatewayAddress.Endpoint.Port, time.GetUtcNow(), HandedOver: 1)]);

    public async Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken)
    {
        if (version >= View.Version) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        return View;
    }
}
