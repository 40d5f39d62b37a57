using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Warroom.Testing;
using Xunit;

namespace Warroom.Engine.Tests;

/// <summary>Start, stop, kill and collection: each with a cluster of its own.</summary>
public sealed class SmokeLifeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static string Key([System.Runtime.CompilerServices.CallerMemberName] string name = "") => name;

    [Fact]
    public async Task Graceful_stop_tells_grains_and_waits_for_running_calls()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var held = grain.Hold("a");
        Assert.Equal("running 1", await grain.Interleave().WaitAsync(Patience));
        var stop = cluster.StopSiloAsync(cluster.Silos[0]);
        await Assert.ThrowsAsync<TimeoutException>(() => stop.WaitAsync(TimeSpan.FromMilliseconds(100)));
        Probe.Of(Key()).Gate.SetResult();
        await held.WaitAsync(Patience);
        await stop.WaitAsync(Patience);
        Assert.Contains("end ShuttingDown", Probe.Of(Key()).Log);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Read());
    }

    [Fact]
    public async Task Kill_tells_nobody_and_fails_what_runs()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var held = grain.Hold("a");
        Assert.Equal("running 1", await grain.Interleave().WaitAsync(Patience));
        await cluster.KillSiloAsync(cluster.Silos[0]).WaitAsync(Patience);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.WaitAsync(Patience));
        Assert.DoesNotContain(Probe.Of(Key()).Log, line => line.StartsWith("end", StringComparison.Ordinal));
        Probe.Of(Key()).Gate.SetResult();
        var next = await cluster.StartAdditionalSiloAsync();
        Assert.True(next.IsActive);
        Assert.Equal(0, await cluster.Client.GetGrain<ITurnGrain>(Key()).Read().WaitAsync(Patience));
    }

    [Fact]
    public async Task Idle_activations_are_collected_by_the_given_clock()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await Start(silo =>
        {
            silo.Services.AddSingleton<TimeProvider>(clock);
            silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(5));
        });
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        await grain.Read();
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        var before = await management.GetTotalActivationCount();
        clock.Advance(TimeSpan.FromMinutes(4));
        await grain.Read();
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.DoesNotContain("end ActivationIdle", Probe.Of(Key()).Log);
        clock.Advance(TimeSpan.FromMinutes(2));
        await Eventually.HoldsAsync("the end of the idle activation", () => Probe.Of(Key()).Log.Contains("end ActivationIdle"));
        Assert.True(before >= 2);
    }

    [Fact]
    public async Task Forced_collection_spares_busy_activations()
    {
        await using var cluster = await Start();
        var busy = cluster.Client.GetGrain<ITurnGrain>(Key() + "busy");
        var idle = cluster.Client.GetGrain<ITurnGrain>(Key() + "idle");
        await idle.Read();
        var held = busy.Hold("a");
        Assert.Equal("running 1", await busy.Interleave().WaitAsync(Patience));
        await cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero).WaitAsync(Patience);
        Assert.Contains("end ActivationIdle", Probe.Of(Key() + "idle").Log);
        Assert.DoesNotContain(Probe.Of(Key() + "busy").Log, line => line.StartsWith("end", StringComparison.Ordinal));
        Probe.Of(Key() + "busy").Gate.SetResult();
        await held.WaitAsync(Patience);
    }

    [Fact]
    public async Task Activities_flow_from_caller_to_grain()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Orleans.Application",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var cluster = await Start(silo => silo.AddActivityPropagation(), client => client.AddActivityPropagation());
        using var root = new Activity("root").Start();
        await cluster.Client.GetGrain<ITurnGrain>(Key()).Read();
        var ours = seen.Where(activity => activity.TraceId == root.TraceId).ToList();
        var client = Assert.Single(ours, activity => activity.Kind == ActivityKind.Client);
        var server = Assert.Single(ours, activity => activity.Kind == ActivityKind.Server);
        Assert.Equal(client.SpanId, server.ParentSpanId);
        Assert.Equal("ITurnGrain/Read", server.OperationName);
    }

    [Fact]
    public async Task Streams_that_come_and_go_leave_nothing()
    {
        await using var cluster = await Start(silo => silo.AddMemoryStreams("s"), client => client.AddMemoryStreams("s"));
        var provider = Orleans.ClientStreamingExtensions.GetStreamProvider(cluster.Client, "s");
        for (var i = 0; i < 2000; i++)
        {
            var stream = provider.GetStream<int>(StreamId.Create("ns", $"{i}"));
            var got = new TaskCompletionSource();
            var handle = await Orleans.Streams.AsyncObservableExtensions.SubscribeAsync(stream, (_, _) =>
            {
                got.TrySetResult();
                return Task.CompletedTask;
            });
            await stream.OnNextAsync(i);
            await got.Task.WaitAsync(Patience);
            await handle.UnsubscribeAsync();
        }

        var hub = cluster.GetSiloServiceProvider().GetRequiredKeyedService<Orleans.Embedded.Streams.StreamHub>("s");
        Assert.Equal(0, hub.TopicCount);
    }

    private static async Task<InProcessTestCluster> Start(Action<ISiloBuilder>? configure = null, Action<IClientBuilder>? configureClient = null)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            configure?.Invoke(silo);
        });
        if (configureClient is not null) builder.ConfigureClient(configureClient);
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
