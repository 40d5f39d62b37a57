using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;
using Warroom.Testing;
using Xunit;

namespace Warroom.Engine.Tests;

/// <summary>One cluster for the smoke tests: with a clock that stands still, and a filter that tests switch on by a name in the request context.</summary>
public sealed class SmokeCluster : IAsyncLifetime
{
    public ManualTimeProvider Clock { get; } = new();

    public InProcessTestCluster Cluster { get; private set; } = null!;

    public IClusterClient Client => Cluster.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(SiloCount.Value);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Services.AddGrainStorage("broken", (_, _) => new BreakableStorage());
            silo.AddMemoryGrainStorageAsDefault().AddMemoryStreams("s").UseInMemoryReminderService();
            silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 100);
            silo.AddIncomingGrainCallFilter<SmokeFilter>();
        });
        builder.ConfigureClient(client => client.AddMemoryStreams("s"));
        Cluster = builder.Build();
        await Cluster.DeployAsync();
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private sealed class SmokeFilter : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            await context.Invoke();
            if (RequestContext.Get("filter") is not null) context.Result = $"{context.InterfaceName}.{context.MethodName} of {context.TargetId} for {context.SourceId is not null}";
        }
    }
}

/// <summary>The engine does what grains need of it: one short test for each promise. The full suite is beside.</summary>
public sealed class SmokeTests(SmokeCluster cluster) : IClassFixture<SmokeCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static string Key([System.Runtime.CompilerServices.CallerMemberName] string name = "") => name;

    [Fact]
    public async Task Calls_run_one_at_a_time_and_in_order()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var calls = Enumerable.Range(0, 5).Select(i => grain.Hold($"{i}")).ToList();
        await Eventually(() => Probe.Of(Key()).Log.Count == 1);
        Probe.Of(Key()).Gate.SetResult();
        await Task.WhenAll(calls).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 5).SelectMany(i => new[] { $"begin {i} 1", $"done {i} 1" }), Probe.Of(Key()).Log);
    }

    [Fact]
    public async Task AlwaysInterleave_runs_beside_a_waiting_call()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var held = grain.Hold("a");
        Assert.Equal("running 1", await grain.Interleave().WaitAsync(Patience));
        Probe.Of(Key()).Gate.SetResult();
        await held.WaitAsync(Patience);
    }

    [Fact]
    public async Task ReadOnly_runs_beside_readers_only()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var reading = grain.HoldReading("r");
        Assert.Equal(1, await grain.Read().WaitAsync(Patience));
        var writing = grain.Write();
        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(TimeSpan.FromMilliseconds(50)));
        Probe.Of(Key()).Gate.SetResult();
        Assert.Equal(0, await writing.WaitAsync(Patience));
        await reading;
    }

    [Fact]
    public async Task Reentrant_grain_awaits_what_another_thread_completes_on_its_own_scheduler()
    {
        var grain = cluster.Client.GetGrain<IReentrantGrain>(Key());
        var waiting = grain.Wait();
        await grain.Release().WaitAsync(Patience);
        Assert.True(await waiting.WaitAsync(Patience));
    }

    [Fact]
    public async Task Call_chain_comes_back_where_it_is_allowed()
    {
        Assert.Equal("came back", await cluster.Client.GetGrain<IChainGrain>("first").Begin("second", allow: true).WaitAsync(Patience));
    }

    [Fact]
    public async Task MayInterleave_asks_the_predicate()
    {
        var grain = cluster.Client.GetGrain<IDecidingGrain>(Key());
        var waiting = grain.Wait();
        await grain.Open().WaitAsync(Patience);
        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task OneWay_hides_exceptions_and_does_not_wait()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        await grain.Fire("fired");
        await Eventually(() => Probe.Of(Key()).Log.Contains("fired"));
    }

    [Fact]
    public async Task Late_answer_is_a_timeout()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        await grain.HoldShortly().TimesOutAsync();
        Probe.Of(Key()).Gate.SetResult();
        Assert.Equal(0, await grain.Read().WaitAsync(Patience));
    }

    [Fact]
    public async Task Cancelled_before_the_call_throws_at_once()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        Assert.Throws<OperationCanceledException>(() => { _ = grain.HoldCancellable(new CancellationToken(true)); });
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Cancelled_while_it_runs_ends_both_sides()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        using var source = new CancellationTokenSource();
        var call = grain.HoldCancellable(source.Token);
        await Eventually(() => Probe.Of(Key()).Log.Contains("begin"));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        await Eventually(() => Probe.Of(Key()).Log.Contains("cancelled on False"));
    }

    [Fact]
    public async Task Cancelled_while_it_waits_never_runs()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var held = grain.Hold("a");
        using var source = new CancellationTokenSource();
        var call = grain.HoldCancellable(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));

        // The caller does not wait for the grain to know. A call after it, to a grain that lives in the same silo because it has the same key, comes after the cancelling.
        await cluster.Client.GetGrain<IStateGrain>(Key()).Activation().WaitAsync(Patience);
        Probe.Of(Key()).Gate.SetResult();
        await held.WaitAsync(Patience);
        Assert.Equal(0, await grain.Write().WaitAsync(Patience));
        Assert.DoesNotContain("begin", Probe.Of(Key()).Log);
    }

    [Fact]
    public async Task Exception_keeps_type_text_and_place()
    {
        var exception = await Assert.ThrowsAsync<KeyNotFoundException>(() => cluster.Client.GetGrain<ITurnGrain>(Key()).Fail());
        Assert.Equal("no such thing", exception.Message);
        Assert.Contains($"{nameof(TurnGrain)}.{nameof(TurnGrain.Fail)}", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeactivateOnIdle_hands_waiting_calls_to_the_next_activation()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var first = await grain.Activation();
        var held = grain.Hold("a");
        var end = grain.End();
        var after = Enumerable.Range(0, 20).Select(_ => grain.Activation()).ToList();
        Probe.Of(Key()).Gate.SetResult();
        await Task.WhenAll(held, end).WaitAsync(Patience);
        var answers = await Task.WhenAll(after).WaitAsync(Patience);
        Assert.Single(answers.Distinct());
        Assert.NotEqual(first, answers[0]);
        Assert.Contains("end ApplicationRequested", Probe.Of(Key()).Log);
    }

    [Fact]
    public async Task Full_mailbox_refuses()
    {
        var grain = cluster.Client.GetGrain<ITurnGrain>(Key());
        var held = grain.Hold("a");
        await Eventually(() => !Probe.Of(Key()).Log.IsEmpty);
        var waiting = Enumerable.Range(0, 100).Select(_ => grain.Write()).ToList();
        await Assert.ThrowsAsync<LimitExceededException>(() => grain.Write().WaitAsync(Patience));
        Probe.Of(Key()).Gate.SetResult();
        await Task.WhenAll(waiting).WaitAsync(Patience);
        await held;
    }

    [Fact]
    public async Task Request_context_goes_with_the_call_and_not_back()
    {
        RequestContext.Set("who", "me");
        Assert.Equal("me", await cluster.Client.GetGrain<ITurnGrain>(Key()).Context("who"));
        RequestContext.Clear();
        Assert.Null(await cluster.Client.GetGrain<ITurnGrain>(Key()).Context("who"));
    }

    [Fact]
    public async Task Filter_sees_and_replaces()
    {
        RequestContext.Set("filter", "on");
        var result = await cluster.Client.GetGrain<ITurnGrain>(Key()).Activation();
        RequestContext.Clear();
        Assert.Equal($"Warroom.Engine.Tests.ITurnGrain.Activation of turn/{Key()} for True", result);
    }

    [Fact]
    public async Task Storage_failure_arrives_wrapped_and_inconsistency_ends_the_activation()
    {
        var grain = cluster.Client.GetGrain<IStateGrain>(Key());
        await grain.Set("one");
        var activation = await grain.Activation();
        await grain.Break(new InvalidTimeZoneException("disk"));
        var wrapped = await Assert.ThrowsAsync<OrleansException>(() => grain.Set("two"));
        Assert.IsType<InvalidTimeZoneException>(wrapped.InnerException);
        Assert.Equal("two", await grain.Get());
        Assert.Equal(activation, await grain.Activation());
        await grain.Break(new InconsistentStateException("other", "9", "1"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Set("three"));
        Assert.NotEqual(activation, await grain.Activation());
        Assert.Equal("one", await grain.Get());
        Assert.True(await grain.Clear());
    }

    [Fact]
    public async Task Failed_activation_reaches_the_caller_and_the_next_call_tries_again()
    {
        var grain = cluster.Client.GetGrain<IFailingGrain>(Key());
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => grain.Hello());
        Assert.Equal("hello", await grain.Hello());
    }

    [Fact]
    public async Task Stateless_worker_has_its_number_of_activations()
    {
        var grain = cluster.Client.GetGrain<IWorkerGrain>(Key());
        var calls = Enumerable.Range(0, 6).Select(_ => grain.Work(Key())).ToList();
        await Eventually(() => Probe.Of(Key()).Log.Count == 2);
        Probe.Of(Key()).Gate.SetResult();
        Assert.Equal(2, (await Task.WhenAll(calls).WaitAsync(Patience)).Distinct().Count());
    }

    [Fact]
    public async Task Sequence_runs_ahead_a_bounded_way_and_ends_with_its_caller()
    {
        var grain = cluster.Client.GetGrain<ISequenceGrain>(Key());
        var seen = 0;
        await foreach (var item in grain.Count(1_000_000))
        {
            Assert.Equal(++seen, item);
            if (seen == 300) break;
        }

        Assert.InRange(await grain.Produced().WaitAsync(Patience), 300, 500);
        await Eventually(() => Probe.Of(Key()).Log.Contains("finally"));
    }

    [Fact]
    public async Task Timer_ticks_by_the_given_clock()
    {
        var grain = cluster.Client.GetGrain<ITimerGrain>(Key());
        await grain.Start();
        cluster.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await grain.Ticks());
        cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually(async () => await grain.Ticks() == 1);
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await Eventually(async () => await grain.Ticks() == 2);
    }

    [Fact]
    public async Task Slow_and_throwing_subscribers_disturb_nobody()
    {
        var stream = cluster.Client.GetStreamProvider("s").GetStream<int>(StreamId.Create("ns", Key()));
        var items = new System.Collections.Concurrent.ConcurrentQueue<int>();
        var never = new TaskCompletionSource();
        await stream.SubscribeAsync((_, _) => never.Task);
        await stream.SubscribeAsync((_, _) => throw new InvalidOperationException("always"));
        var good = await stream.SubscribeAsync((item, _) =>
        {
            items.Enqueue(item);
            return Task.CompletedTask;
        });
        for (var i = 0; i < 1000; i++) await stream.OnNextAsync(i);
        await Eventually(() => items.Count == 1000);
        Assert.Equal(Enumerable.Range(0, 1000), items);
        await good.UnsubscribeAsync();
        foreach (var handle in await stream.GetAllSubscriptionHandles()) await handle.UnsubscribeAsync();
        Assert.Empty(await stream.GetAllSubscriptionHandles());
        never.SetResult();
    }

    private static Task Eventually(Func<bool> condition) => Eventually(() => Task.FromResult(condition()));

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition()) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
    }
}
