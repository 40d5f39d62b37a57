using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Embedded;
using Orleans.Embedded.Connections;
using Orleans.Hosting;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Embedded.Connections;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>A cluster all of whose connections are encrypted, and those who may not come in.</summary>
public sealed class TlsClusterTests : IAsyncLifetime
{
    private const string Streams = "streams";

    private readonly TestCertificates _certificates = new("the cluster's");
    private readonly TestCertificates _foreign = new("another's");
    private readonly NotedLogs _logs = new();
    private IEnumerable<KeyValuePair<string, string?>>? _next;
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSiloHost((silo, host) =>
        {
            // One of them has its certificate from an authority below the cluster's.
            host.Configuration.AddInMemoryCollection(_next ?? _certificates.Settings(silo.SiloName, throughIntermediate: silo.SiloName == "Secondary_1"));
            host.Configuration.AddInMemoryCollection([new("Cluster:Lease", "00:00:01")]);
            host.Services.AddSingleton<ILoggerProvider>(_logs);
        });
        builder.ConfigureSilo((_, silo) => silo.AddMemoryStreams(Streams).AddMemoryGrainStorage("PubSubStore"));
        builder.ConfigureClientHost(host => host.Configuration.AddInMemoryCollection(_certificates.Settings("client")));
        builder.ConfigureClient(client => client.AddMemoryStreams(Streams));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _certificates.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public async Task Cluster_CallsAndStreamsCross_OverConnectionsThatAreAllEncrypted()
    {
        await EveryoneServesAsync();

        // From a silo's own code to subscribers in another silo and in the client: each of the three ways is a connection of its own.
        var homes = (await ThreeSilos.OneInEachAsync(_cluster, this.Key())).Select(grain => grain.GetPrimaryKeyString());
        foreach (var key in homes)
        {
            var id = StreamId.Create("tls", key);
            HeardItems here = new(), there = new();
            await _cluster.Client.GetStreamProvider(Streams).GetStream<int>(id).SubscribeAsync(here);
            await StreamCluster.Stream<int>(_cluster.Silos[0], id).SubscribeAsync(there);
            var stream = StreamCluster.Stream<int>(_cluster.Silos[1], id);
            for (var item = 1; item <= 100; item++) await stream.OnNextAsync(item);
            await here.UntilAsync(100);
            await there.UntilAsync(100);
            Assert.Equal(Enumerable.Range(1, 100), here.Items);
            Assert.Equal(Enumerable.Range(1, 100), there.Items);
        }

        // A large message needs many of TLS's records.
        var big = await _cluster.Client.GetGrain<IPlaceGrain>(this.Key()).Big(new byte[3_000_000], 3_000_000).Soon();
        Assert.Equal(3_000_000, big.Length);

        var connections = Networks().SelectMany(network => network.Connections).ToList();
        Assert.True(connections.Count >= 2 * 3 + (3 * 2), $"{connections.Count} connections only.");
        Assert.All(connections, connection => Assert.Equal("Tls13", connection.Encryption));
        Assert.Equal(0, Networks().Sum(network => network.Metrics.Refusals));
    }

    [Fact]
    public async Task SiloStopped_UnderLoad_NotOneCallFails()
    {
        using var load = new CallLoad(_cluster.Client, this.Key(), callers: 8);
        await load.AnsweredAsync(500);
        var stopped = _cluster.Silos[1];
        var before = _logs.Lines.Count;
        await _cluster.StopSiloAsync(stopped).Soon();
        await _cluster.WaitForLivenessToStabilizeAsync();
        await load.AnsweredAsync(500);
        await load.StopAsync();
        Assert.True(load.Failures.Count == 0, string.Join(Environment.NewLine, load.Failures));

        // That it is not there any more is no news to those whom it has told that it leaves.
        Assert.DoesNotContain(_logs.Lines.Skip(before), line => line.StartsWith("Warning 1331", StringComparison.Ordinal) && line.Contains($"{stopped.SiloAddress}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SiloOfAnotherAuthority_DoesNotGetIn()
    {
        _next = _foreign.Settings("stranger");
        await StrangerIsRefusedAsync("certificate");
    }

    [Fact]
    public async Task SiloOfAnotherAuthority_ThatTrustsTheClusters_DoesNotGetIn()
    {
        // Its own certificate passes its own examination, because it trusts both.
        var foreign = _foreign.Options("stranger");
        var both = Path.Combine(Path.GetDirectoryName(foreign.Authority)!, "both.crt");
        await File.WriteAllTextAsync(both, _certificates.Authority.ExportCertificatePem() + "\n" + _foreign.Authority.ExportCertificatePem());
        _next = [.. _foreign.Settings("stranger").Where(setting => setting.Key != "Cluster:Tls:Authority"), new("Cluster:Tls:Authority", both)];
        await StrangerIsRefusedAsync("certificate");
    }

    [Fact]
    public async Task SiloWithoutTls_DoesNotGetIn()
    {
        _next = [];
        await StrangerIsRefusedAsync("does not use TLS");
    }

    [Fact]
    public async Task ClientWithoutTls_IsToldSo()
    {
        var before = Networks().Sum(network => network.Metrics.Refusals);
        _cluster.Options.ClientHostConfigurationDelegates.Add(host =>
            host.Configuration.AddInMemoryCollection([new("Cluster:Tls:Certificate", ""), new("Cluster:Tls:Key", ""), new("Cluster:Tls:Authority", ""), new("Cluster:Tls:TargetHost", ""), new("Cluster:JoinTimeout", "00:00:01")]));
        var failure = await Assert.ThrowsAsync<SiloUnavailableException>(() => _cluster.InitializeClientAsync().Soon());
        Assert.Contains("does not use TLS", failure.Message, StringComparison.Ordinal);
        Assert.True(_cluster.Silos.Sum(silo => NetworkOf(silo).Metrics.Refusals) > before);
    }

    private async Task StrangerIsRefusedAsync(string reason)
    {
        var before = _cluster.Silos.Select(silo => NetworkOf(silo).Metrics.Refusals).ToList();
        var started = _logs.Lines.Count;
        var failure = await Assert.ThrowsAsync<OrleansConfigurationException>(() => _cluster.StartAdditionalSiloAsync().Soon());
        Assert.Contains("does not become active", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);

        // Each silo that it dialled has counted it and said why, and it never was an owner: everybody serves on.
        await Eventually.HoldsAsync("the refusals to be counted", () => _cluster.Silos.Zip(before).All(pair => NetworkOf(pair.First).Metrics.Refusals > pair.Second));
        Assert.Contains(_logs.Lines.Skip(started), line => line.Contains("was refused (Tls)", StringComparison.Ordinal));
        await _cluster.WaitForLivenessToStabilizeAsync();
        await EveryoneServesAsync();
    }

    private async Task EveryoneServesAsync()
    {
        var grains = await ThreeSilos.OneInEachAsync(_cluster, this.Key());
        foreach (var one in grains)
            foreach (var other in grains.Where(other => !Equals(other, one)))
                Assert.Equal(await other.Where(), await one.WhereOf(other).Soon());
    }

    private IEnumerable<ClusterNetwork> Networks() => _cluster.Silos.Select(NetworkOf).Append(_cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>().Network);

    private static ClusterNetwork NetworkOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<SiloRuntime>().Network!;
}
