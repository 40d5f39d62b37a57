using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Embedded.Hosting;
using Orleans.Hosting;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Silos that come, go and die under load, and connections that break.</summary>
public sealed class ClusterFailureTests
{
    [Fact]
    public async Task SiloStopped_UnderLoad_NotOneCallFails()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        using var load = new CallLoad(cluster.Client, this.Key());
        await load.AnsweredAsync(2_000);
        var stopped = cluster.Silos[1];
        await cluster.StopSiloAsync(stopped).Soon();
        await cluster.WaitForLivenessToStabilizeAsync();
        await load.AnsweredAsync(2_000);
        await load.StopAsync();
        Assert.True(load.Failures.Count == 0, string.Join(Environment.NewLine, load.Failures));
        var places = await Task.WhenAll(load.Grains.Select(grain => grain.Where())).Soon();
        Assert.DoesNotContain(stopped.SiloAddress.ToParsableString(), places);
        Assert.Equal(2, places.Distinct().Count());
        Assert.DoesNotContain(PlaceGrain.Doubled, line => line.Contains(this.Key(), StringComparison.Ordinal));
        await Eventually.HoldsAsync("no pending calls", () => Pending.Of(cluster) == 0);
    }

    [Fact]
    public async Task SiloAdded_UnderLoad_NotOneCallFails_AndItGetsItsShare()
    {
        await using var cluster = await ThreeSilos.StartAsync(2);
        using var load = new CallLoad(cluster.Client, this.Key());
        await load.AnsweredAsync(2_000);
        var added = await cluster.StartAdditionalSiloAsync().Soon();
        await cluster.WaitForLivenessToStabilizeAsync();
        await load.AnsweredAsync(2_000);
        await load.StopAsync();
        Assert.True(load.Failures.Count == 0, string.Join(Environment.NewLine, load.Failures));
        var places = await Task.WhenAll(load.Grains.Select(grain => grain.Where())).Soon();
        Assert.InRange(places.Count(place => place == added.SiloAddress.ToParsableString()), 15, 70);
        Assert.DoesNotContain(PlaceGrain.Doubled, line => line.Contains(this.Key(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task SilosRestarted_OneAfterTheOther_UnderLoad_NotOneCallFails()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        using var load = new CallLoad(cluster.Client, this.Key());
        foreach (var silo in cluster.Silos)
        {
            await load.AnsweredAsync(500);
            await cluster.RestartSiloAsync(silo).Soon();
            await cluster.WaitForLivenessToStabilizeAsync();
        }

        await load.AnsweredAsync(500);
        await load.StopAsync();
        Assert.True(load.Failures.Count == 0, string.Join(Environment.NewLine, load.Failures));
        Assert.DoesNotContain(PlaceGrain.Doubled, line => line.Contains(this.Key(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task SiloKilled_UnderLoad_ItsGrainsAnswerElsewhere_AndOnlyCallsThatItMayHaveBegunFail()
    {
        await using var cluster = await ThreeSilos.StartAsync(responseTimeout: TimeSpan.FromSeconds(8));
        using var load = new CallLoad(cluster.Client, this.Key());
        await load.AnsweredAsync(2_000);
        var killed = cluster.Silos[2];
        var started = Stopwatch.GetTimestamp();
        await cluster.KillSiloAsync(killed).Soon();
        var places = await Task.WhenAll(load.Grains.Select(grain => AnswerAsync(grain))).Soon();
        var recovery = Stopwatch.GetElapsedTime(started);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        var before = load.Failures.Count;
        await load.AnsweredAsync(2_000);
        await load.StopAsync();
        Assert.DoesNotContain(killed.SiloAddress.ToParsableString(), places);

        // The lease of the tests is a second.
        Assert.InRange(recovery, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.All(load.Failures, failure => Assert.IsType<SiloUnavailableException>(failure));
        Assert.InRange(before, 0, 16 * 2);
        Assert.Equal(before, load.Failures.Count);
        await Eventually.HoldsAsync("no pending calls", () => Pending.Of(cluster) == 0);
    }

    [Fact]
    public async Task CallToASiloThatDies_FailsAtOnce_NotWithItsTimeout()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        var grains = await ThreeSilos.OneInEachAsync(cluster, this.Key());
        var fromClient = grains[2].Hold("a");
        await Recording.Of(grains[2].GetPrimaryKeyString()).HasAsync("a begins");
        var fromGrain = grains[0].WhereOf(grains[2]);
        await cluster.KillSiloAsync(cluster.Silos[2]).Soon();
        var failure = await Assert.ThrowsAsync<SiloUnavailableException>(() => Eventually.CompletesAsync("the refusal", fromClient, TimeSpan.FromSeconds(10)));
        Assert.Contains("may have been executed", failure.Message, StringComparison.Ordinal);

        // The grain's own call waits behind the first one in the silo that dies, or was not sent yet and finds the next owner.
        var relayed = await Record.ExceptionAsync(() => Eventually.CompletesAsync("the refusal", fromGrain, TimeSpan.FromSeconds(10)));
        Assert.True(relayed is null or SiloUnavailableException, $"{relayed}");
    }

    [Fact]
    public async Task ConnectionCut_InMidCall_FailsThatCall_AndTheNextOnesGoOverANewOne()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        var grains = await ThreeSilos.OneInEachAsync(cluster, this.Key());
        var network = cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>().Network;
        foreach (var (grain, silo) in grains.Zip(cluster.Silos))
        {
            var held = grain.Hold("a");
            await Recording.Of(grain.GetPrimaryKeyString()).HasAsync("a begins");
            network.LinkTo(silo.SiloAddress)!.Connection!.Close(new IOException("cut by the test"), abruptly: true);
            await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Soon());
            var echo = grain.Echo("over the next");
            Recording.Of(grain.GetPrimaryKeyString()).Open("a");
            Assert.Equal("over the next", await echo.Soon());
        }

        Assert.Equal(0, network.PendingCount);
    }

    [Fact]
    public async Task ConnectionsCut_UnderLoad_OnlyCallsUnderWayFail()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        using var load = new CallLoad(cluster.Client, this.Key(), callers: 8);
        var network = cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>().Network;
        const int Cuts = 12;
        for (var cut = 0; cut < Cuts; cut++)
        {
            await load.AnsweredAsync(200);
            network.LinkTo(cluster.Silos[cut % 3].SiloAddress)!.Connection?.Close(new IOException("cut by the test"), abruptly: true);
        }

        await load.AnsweredAsync(500);
        await load.StopAsync();
        Assert.All(load.Failures, failure => Assert.IsType<SiloUnavailableException>(failure));
        Assert.InRange(load.Failures.Count, 0, 8 * Cuts);
        Assert.Equal(0, network.PendingCount);
    }

    [Fact]
    public async Task Sequence_OfASiloThatDies_EndsWithAnException()
    {
        await using var cluster = await ThreeSilos.StartAsync();
        var grain = (await ThreeSilos.OneInEachAsync(cluster, this.Key()))[1];
        await Assert.ThrowsAsync<SiloUnavailableException>(async () =>
        {
            await foreach (var number in grain.Numbers(10_000_000))
                if (number == 3) await cluster.KillSiloAsync(cluster.Silos[1]);
        });
    }

    [Fact]
    public async Task Client_BeforeAnySilo_WaitsForOne_AndSaysWhatIsMissing()
    {
        using var nobody = NewClient("a cluster without silos", TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<SiloUnavailableException>(() => nobody.StartAsync().Soon());
        Assert.Contains("Cluster:JoinTimeout", failure.Message, StringComparison.Ordinal);
        Assert.Contains("start a silo", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WithAnotherSecret_IsRefused_AndToldSo()
    {
        await using var cluster = await ThreeSilos.StartAsync(2);
        using var stranger = NewClient(cluster.Options.ClusterId, TimeSpan.FromSeconds(1), cluster.Options.ServiceId);
        var failure = await Assert.ThrowsAsync<SiloUnavailableException>(() => stranger.StartAsync().Soon());
        Assert.Contains("Cluster:Secret", failure.Message, StringComparison.Ordinal);
        Assert.True(cluster.Silos.Sum(silo => silo.ServiceProvider.GetRequiredService<SiloRuntime>().Network!.Metrics.Refusals) >= 1);
    }

    [Fact]
    public async Task Client_OfACluster_ThatStops_EndsItsCalls()
    {
        await using var cluster = await ThreeSilos.StartAsync(2);
        var client = cluster.Client;
        var grain = client.GetGrain<IPlaceGrain>(this.Key());
        await grain.Echo("is there").Soon();
        var held = grain.Hold("a");
        await Recording.Of(this.Key()).HasAsync("a begins");
        await cluster.StopClusterClientAsync().Soon();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Soon());
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Echo("nobody").Soon());
        Recording.Of(this.Key()).Open("a");
    }

    private static async Task<string> AnswerAsync(IPlaceGrain grain)
    {
        while (true)
        {
            try
            {
                return await grain.Where();
            }
            catch (SiloUnavailableException)
            {
                // It may have been begun by the silo that died: asking again is safe.
            }
        }
    }

    private static IHost NewClient(string clusterId, TimeSpan patience, string serviceId = "service")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Cluster:Secret", "not the secret of the others"), new("Cluster:JoinTimeout", $"{patience}")]);
        builder.UseOrleansClient(client => client.UseInMemoryClustering().Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId)));
        return builder.Build();
    }
}
