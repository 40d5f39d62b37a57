using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Calls that wait for answers over connections. On the embedded engine alone it can be told.</summary>
internal static class Pending
{
    public static int Of(InProcessTestCluster cluster) =>
        cluster.Silos.Sum(silo => silo.ServiceProvider.GetRequiredService<Orleans.Embedded.SiloRuntime>().Network!.PendingCount)
        + cluster.Client.ServiceProvider.GetRequiredService<Orleans.Embedded.ClientRuntime>().Network.PendingCount;
}
