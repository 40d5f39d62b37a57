using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Warroom.Engine.Tests.Calls;
using Warroom.Engine.Tests.Life;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Hosting;

/// <summary>A silo in a host of one's own, what it does at start and at its end, and what can be asked of it.</summary>
public sealed class HostingTests(EngineCluster cluster)
{
    [Fact]
    public async Task Host_WithASilo_ServesItsClientAndRunsStartupTasks()
    {
        var order = new ConcurrentQueue<string>();
        var builder = QuietHost();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.Configure<SiloOptions>(options => options.SiloName = "the silo");
            silo.ConfigureServices(services => services.AddSingleton(order));
            silo.AddStartupTask(async (services, _) =>
            {
                var answer = await services.GetRequiredService<IGrainFactory>().GetGrain<IKindsGrain>("startup").Number("one");
                services.GetRequiredService<ConcurrentQueue<string>>().Enqueue(answer);
            });
        });
        using var host = builder.Build();
        await host.StartAsync().Soon();
        Assert.Equal(["text one"], order);
        Assert.Equal("the silo", host.Services.GetRequiredService<ILocalSiloDetails>().Name);
        var client = host.Services.GetRequiredService<IClusterClient>();
        Assert.Equal("text two", await client.GetGrain<IKindsGrain>("a").Number("two").Soon());
        await client.GetGrain<IMortalGrain>(this.Key()).Activation();
        await host.StopAsync().Soon();
        Assert.Equal("ends: ShuttingDown", Recording.Of(this.Key()).Lines[^1]);
    }

    [Fact]
    public async Task Startup_ThatFails_FailsTheStart()
    {
        var builder = QuietHost();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort(), FreePort())
            .AddStartupTask((_, _) => throw new FormatException("not today")));
        using var host = builder.Build();
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync().Soon());
        Assert.Contains("not today", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhileACallRuns_LetsItFinish()
    {
        var own = await EngineCluster.StartAsync(_ => { });
        await using (own)
        {
            var held = own.Client.GetGrain<IMortalGrain>(this.Key()).Hold("a");
            await Recording.Of(this.Key()).HasAsync("a begins");
            var stopping = own.StopSiloAsync(own.Silos[0]);
            Recording.Of(this.Key()).Open("a");
            await held.Soon();
            await stopping.Soon();
        }
    }

    [Fact]
    public async Task Management_KnowsTheHosts()
    {
        var hosts = await cluster.Client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        Assert.Equal(cluster.Cluster.Silos.Select(silo => silo.SiloAddress).ToHashSet(), hosts.Keys.ToHashSet());
        Assert.All(hosts.Values, status => Assert.Equal(SiloStatus.Active, status));
        Assert.Equal(cluster.Cluster.Silos[0].SiloAddress, cluster.Cluster.GetSiloServiceProvider().GetRequiredService<ILocalSiloDetails>().SiloAddress);
    }

    [Fact]
    public async Task Management_CountsActivations()
    {
        await using var own = await EngineCluster.StartAsync(_ => { });
        for (var i = 0; i < 7; i++) await own.Client.GetGrain<IMortalGrain>($"{this.Key()} {i}").Activation();
        var management = own.Client.GetGrain<IManagementGrain>(0);
        var statistics = await management.GetSimpleGrainStatistics();
        var type = $"{typeof(MortalGrain).FullName},{typeof(MortalGrain).Assembly.GetName().Name}";
        Assert.Equal(7, statistics.Where(statistic => statistic.GrainType == type).Sum(statistic => statistic.ActivationCount));
        Assert.InRange(await management.GetTotalActivationCount(), 7, 100);
        var details = await management.GetDetailedGrainStatistics([type], [.. own.Silos.Select(silo => silo.SiloAddress)]);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"mortal/{this.Key()} {i}"), details.Select(detail => detail.GrainId.ToString()).Order(StringComparer.Ordinal));
        var first = own.Silos[0].SiloAddress;
        var inFirst = await management.GetDetailedGrainStatistics([type], [first]);
        Assert.All(inFirst, detail => Assert.Equal(first, detail.SiloAddress));
        var runtime = Assert.Single(await management.GetRuntimeStatistics([first]));
        Assert.True(runtime.ActivationCount >= inFirst.Length);
    }

    private static HostApplicationBuilder QuietHost()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
