using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Streams;
using Warroom.Engine.Tests.Calls;
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
        clock.Advance(TimeSpan.FromMinutes(1));
        await Recording.Of(this.Key() + " timer").HasAsync("tick 1");
        Assert.Empty(Recording.Of(this.Key() + " reminder").Lines);
        await clock.WhenArmedAsync(due => due == period);
        clock.Advance(TimeSpan.FromMinutes(3));
        await Recording.Of(this.Key() + " reminder").HasAsync("r every 300 s, in time True");
        await clock.WhenArmedAsync(due => due == period);
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
    public void StreamId_KeepsNamespaceAndKeyApart() => Assert.NotEqual(StreamId.Create("nk", "x"), StreamId.Create("n", "kx"));

    private sealed class Deaf : IListener
    {
        public Task Hear(int number) => Task.CompletedTask;

        public Task<int> Double(int number) => Task.FromResult(number * 2);
    }
}
