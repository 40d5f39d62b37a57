using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Hosting;
using Orleans.Streams;
using Warroom.Engine.Tests.Calls;
using Warroom.Engine.Tests.Life;
using Warroom.Engine.Tests.Observers;
using Warroom.Engine.Tests.Reminders;
using Warroom.Engine.Tests.Support;
using Warroom.Engine.Tests.Timers;
using Warroom.Engine.Tests.Turns;

namespace Warroom.Engine.Tests.Embedded;

/// <summary>What the embedded engine promises beyond Orleans.</summary>
public sealed class EngineOnlyTests(EngineCluster cluster)
{
    [Fact]
    public async Task Mailbox_Full_RefusesAtOnceAndServesWhatItTook()
    {
        await using var own = await EngineCluster.StartAsync(silo => silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 10));
        var grain = own.Client.GetGrain<IStrictGrain>(this.Key());
        var held = grain.Hold("a");
        await Recording.Of(this.Key()).HasAsync("a begins");
        var calls = Enumerable.Range(0, 30).Select(i => grain.Say($"{i}")).ToList();
        await Eventually.HoldsAsync("refusals", () => calls.Count(call => call.IsFaulted) >= 10);
        Recording.Of(this.Key()).Open("a");
        await held.Soon();
        var refused = 0;
        foreach (var call in calls)
        {
            if (await Record.ExceptionAsync(() => call.Soon()) is not { } exception) continue;
            Assert.IsType<LimitExceededException>(exception);
            refused++;
        }

        Assert.InRange(30 - refused, 1, 12);
        Assert.Equal(30 - refused, Recording.Of(this.Key()).Lines.Count - 2);
        await grain.Say("serves again").Soon();

        // As many as the limit wait, and one more does not.
        var again = grain.Hold("b");
        await Recording.Of(this.Key()).HasAsync("b begins");
        var waiting = Enumerable.Range(0, 10).Select(i => grain.Say($"waits {i}")).ToList();
        await Assert.ThrowsAsync<LimitExceededException>(() => grain.Say("one too many").Soon());
        Recording.Of(this.Key()).Open("b");
        await Task.WhenAll([again, .. waiting]).Soon();
    }

    [Fact]
    public async Task Calls_OfAClientUnawaited_ArriveInOrder()
    {
        var grain = cluster.Client.GetGrain<IReceiverGrain>(this.Key());
        await Task.WhenAll(Enumerable.Range(0, 500).Select(grain.Receive).ToList()).Soon();
        Assert.Equal(Enumerable.Range(0, 500), await grain.Received());
    }

    [Fact]
    public async Task Observer_Deleted_IsAnErrorAtOnce()
    {
        var listener = new Deaf();
        var speaker = cluster.Client.GetGrain<ISpeakerGrain>(this.Key());
        var reference = cluster.Client.CreateObjectReference<IListener>(listener);
        await speaker.Join(reference);
        cluster.Client.DeleteObjectReference<IListener>(reference);
        await speaker.Ask(1).FailsAsync();
    }

    [Fact]
    public async Task Timers_AndReminders_GoByTheGivenClock()
    {
        var clock = new ManualTimeProvider();
        await using var own = await EngineCluster.StartAsync(silo =>
        {
            silo.Services.AddSingleton<TimeProvider>(clock);
            silo.UseInMemoryReminderService();
        });
        // All of it within the age at which idle grains are collected: a timer does not keep its grain.
        var period = TimeSpan.FromMinutes(5);
        await own.Client.GetGrain<IClockworkGrain>(this.Key() + " timer").Tick(period);
        await own.Client.GetGrain<IAlarmGrain>(this.Key() + " reminder").Remind("r", TimeSpan.FromMinutes(4), period);
        var moment = TimeSpan.FromMilliseconds(4);
        clock.Advance(moment);
        await own.Client.GetGrain<IClockworkGrain>(this.Key() + " timer").Nudge();
        Assert.Empty(Recording.Of(this.Key() + " timer").Lines);
        clock.Advance(TimeSpan.FromMinutes(1) - moment);
        await Recording.Of(this.Key() + " timer").HasAsync("tick 1");
        Assert.Empty(Recording.Of(this.Key() + " reminder").Lines);
        await clock.WhenArmedAsync(due => due == period);
        clock.Advance(TimeSpan.FromMinutes(3));
        await Recording.Of(this.Key() + " reminder").HasAsync("r every 300 s, in time True");
        await clock.WhenArmedAsync(due => due == period);
        Assert.Equal(["tick 1"], Recording.Of(this.Key() + " timer").Lines);
        clock.Advance(period);
        await Recording.Of(this.Key() + " timer").HasAsync("tick 2");
        await Recording.Of(this.Key() + " reminder").CountAsync(2);
    }

    [Fact]
    public async Task Stream_SubscriberThatFallsBehind_IsToldAndNobodyWaits()
    {
        var stream = cluster.Client.GetStreamProvider(EngineCluster.Streams).GetStream<int>(StreamId.Create("explicit", this.Key()));
        var lost = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = await stream.SubscribeAsync((_, _) => Recording.Of(this.Key()).GateAsync(), exception =>
        {
            lost.TrySetResult(exception);
            return Task.CompletedTask;
        });
        for (var i = 0; i < 20_000; i++) await stream.OnNextAsync(i);
        Recording.Of(this.Key()).Open();
        Assert.IsAssignableFrom<DataNotAvailableException>(await lost.Task.Soon());
        await slow.UnsubscribeAsync();
    }

    [Fact]
    public async Task Idle_ByTheGivenClock_Ends()
    {
        var clock = new ManualTimeProvider();
        await using var own = await EngineCluster.StartAsync(
            silo =>
            {
                silo.Services.AddSingleton<TimeProvider>(clock);
                silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(5));
            },
            silos: 1);
        var used = own.Client.GetGrain<IMortalGrain>(this.Key() + " used");
        await used.Activation();
        await own.Client.GetGrain<IMortalGrain>(this.Key() + " idle").Activation();
        clock.Advance(TimeSpan.FromMinutes(4));
        await used.Activation();
        clock.Advance(TimeSpan.FromMinutes(4));
        await Recording.Of(this.Key() + " idle").HasAsync("ends: ActivationIdle");
        Assert.Equal(["activates"], Recording.Of(this.Key() + " used").Lines);
        clock.Advance(TimeSpan.FromMinutes(2));
        await Recording.Of(this.Key() + " used").HasAsync("ends: ActivationIdle");
    }

    [Fact]
    public async Task Stop_WaitsForTheCallThatRuns_AndThenEndsTheGrain()
    {
        await using var own = await EngineCluster.StartAsync(_ => { }, silos: 1);
        var grain = own.Client.GetGrain<IMortalGrain>(this.Key());
        var held = grain.Hold("a");
        await Recording.Of(this.Key()).HasAsync("a begins");
        var silo = own.Silos[0];
        var runtime = silo.ServiceProvider.GetRequiredService<SiloRuntime>();
        var stop = own.StopSiloAsync(silo);
        await Eventually.HoldsAsync("the silo to be leaving", () => !runtime.IsActive);
        Assert.False(stop.IsCompleted);
        Recording.Of(this.Key()).Open("a");
        await held.Soon();
        await stop.Soon();
        Assert.Equal(["activates", "a begins", "a ends", "ends: ShuttingDown"], Recording.Of(this.Key()).Lines);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Activation().Soon());
    }

    [Fact]
    public async Task Kill_TellsNoGrain_AndFailsWhatRuns()
    {
        await using var own = await EngineCluster.StartAsync(_ => { }, silos: 1);
        var held = own.Client.GetGrain<IMortalGrain>(this.Key()).Hold("a");
        await Recording.Of(this.Key()).HasAsync("a begins");
        await own.KillSiloAsync(own.Silos[0]).Soon();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Soon());
        Assert.Equal(["activates", "a begins"], Recording.Of(this.Key()).Lines);
        Recording.Of(this.Key()).Open("a");
        var next = await own.StartAdditionalSiloAsync();
        Assert.True(next.IsActive);
        await own.Client.GetGrain<IMortalGrain>(this.Key()).Activation().Soon();
    }

    [Fact]
    public async Task Activities_OfACall_AreTheCallersAndTheGrains()
    {
        var seen = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Orleans.Application",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var own = await EngineCluster.StartAsync(silo => silo.AddActivityPropagation(), client => client.AddActivityPropagation(), silos: 1);
        using var root = new Activity("root").Start();
        await own.Client.GetGrain<IMortalGrain>(this.Key()).Activation();
        var ours = seen.Where(activity => activity.TraceId == root.TraceId).ToList();
        var client = Assert.Single(ours, activity => activity.Kind == ActivityKind.Client);
        var server = Assert.Single(ours, activity => activity.Kind == ActivityKind.Server);
        Assert.Equal(client.SpanId, server.ParentSpanId);
        Assert.Equal("ILivingGrain/Activation", server.OperationName);
    }

    [Fact]
    public void StreamId_KeepsNamespaceAndKeyApart() => Assert.NotEqual(StreamId.Create("nk", "x"), StreamId.Create("n", "kx"));

    private sealed class Deaf : IListener
    {
        public Task Hear(int number) => Task.CompletedTask;

        public Task<int> Double(int number) => Task.FromResult(number * 2);
    }
}
