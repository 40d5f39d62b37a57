using Microsoft.Extensions.Configuration;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(Warroom.Engine.Tests.Cluster.ThreeSilos))]

namespace Warroom.Engine.Tests.Cluster;

/// <summary>A cluster of three silos that tests share which end none of them.</summary>
public sealed class ThreeSilos : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; private set; } = null!;

    public IClusterClient Client => Cluster.Client;

    public async ValueTask InitializeAsync() => Cluster = await StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>A cluster of its own for a test that ends silos.</summary>
    public static async Task<InProcessTestCluster> StartAsync(short silos = 3, TimeSpan? responseTimeout = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        if (responseTimeout is { } timeout)
        {
            builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = timeout));
            builder.ConfigureSilo((_, silo) => silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = timeout));
        }

        builder.ConfigureHost(host => host.Configuration.AddInMemoryCollection([new("Cluster:Lease", "00:00:01")]));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>A grain in each of the silos, with keys that begin alike.</summary>
    public static async Task<IReadOnlyList<IPlaceGrain>> OneInEachAsync(InProcessTestCluster cluster, string prefix)
    {
        var found = new Dictionary<string, IPlaceGrain>(StringComparer.Ordinal);
        for (var i = 0; found.Count < cluster.Silos.Count; i++)
        {
            Assert.True(i < 1000, "All grains are in the same silos.");
            var grain = cluster.Client.GetGrain<IPlaceGrain>($"{prefix} {i}");
            found.TryAdd(await grain.Where(), grain);
        }

        return [.. cluster.Silos.Select(silo => found[silo.SiloAddress.ToParsableString()])];
    }
}
