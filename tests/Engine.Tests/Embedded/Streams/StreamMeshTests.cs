using Orleans.Embedded.Streams;
using Warroom.Engine.Tests.Cluster;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Streams;

/// <summary>How a process subscribes to streams of other silos, step by step.</summary>
public sealed class StreamMeshTests : IAsyncLifetime
{
    private static readonly SiloAddress Other = StreamBench.Silo(2);
    private static readonly SiloAddress Next = StreamBench.Silo(3);

    private readonly StreamBench _bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Renewal_WithoutAnAnswer_DelaysNoOther()
    {
        var answer = new TaskCompletionSource<bool>();
        _bench.Peer(Other).OnRenew = () => answer.Task;
        foreach (var silo in new[] { Other, Next })
        {
            _bench.Placement.Move($"{silo}", silo);
            await _bench.Stream($"{silo}").SubscribeAsync(new HeardItems());
        }

        _bench.Mesh.Start();
        for (var beat = 1; beat <= 5; beat++)
        {
            await _bench.BeatAsync();
            await _bench.Peer(Next).Calls.CountAsync("renew", beat);
        }

        // While it may still come there is no second one.
        Assert.Single(_bench.Peer(Other).Calls.Lines, "renew");
        answer.SetResult(true);
        await _bench.RoundAsync();
        await Eventually.HoldsAsync("the next renewal", async () =>
        {
            await _bench.BeatAsync();
            return _bench.Peer(Other).Calls.Lines.Count(line => line == "renew") > 1;
        });
    }

    [Fact]
    public async Task Stream_AwayAndBackUnseen_IsRegisteredAgain_AndItsSubscriberIsTold()
    {
        var id = StreamBench.Id("back");
        var heard = new HeardItems();
        _bench.Placement.Move("back", Other);
        await _bench.Stream("back").SubscribeAsync(heard);
        _bench.Placement.Move("back", Next);
        _bench.Placement.Move("back", Other);
        _bench.Mesh.Start();
        await _bench.Peer(Other).Calls.CountAsync($"register {id}", 2);
        await heard.UntilErrorAsync();
        Assert.Empty(_bench.Peer(Next).Registrations);
    }

    [Fact]
    public async Task Publication_AtItsNewHome_GoesBehindWhatIsOnItsWayToTheFormerOne()
    {
        var heard = new HeardItems();
        await _bench.Stream("behind").SubscribeAsync(heard);
        _bench.Placement.Move("behind", Other);
        var answer = new TaskCompletionSource<HomeAnswer>();
        _bench.Peer(Other).OnPublish = _ => answer.Task;
        await _bench.Stream("behind").OnNextAsync(1);
        await _bench.Peer(Other).Calls.HasAsync("publish");
        _bench.Placement.Move("behind", StreamBench.Self);
        await _bench.Stream("behind").OnNextAsync(2);
        Assert.Empty(heard.Items);
        Assert.Single(_bench.Mesh.Outboxes);
        answer.SetResult(HomeAnswer.Done);
    }

    [Fact]
    public async Task LastSubscriber_GoneWhileItsStreamIsRegisteredWithTheNextHome_IsUnregisteredThere()
    {
        var id = StreamBench.Id("moved");
        var (handle, answer) = await MoveAsync("moved");
        await handle.UnsubscribeAsync();
        await _bench.Peer(Other).Calls.HasAsync($"unregister {id}");
        answer.SetResult(HomeAnswer.Done);
        await _bench.Peer(Next).Calls.HasAsync($"unregister {id}");
        Assert.Equal(Assert.Single(_bench.Peer(Next).Registrations).Session, Assert.Single(_bench.Peer(Next).Unregistered));
    }

    [Fact]
    public async Task NextSubscriber_WhoComesWhileTheLastOnesRegistrationIsUnderWay_StaysRegistered()
    {
        var id = StreamBench.Id("moved");
        var (handle, answer) = await MoveAsync("moved");
        await handle.UnsubscribeAsync();
        var subscribing = _bench.Stream("moved").SubscribeAsync(new HeardItems());

        // Whoever would not wait for the first registration is at the home long before these.
        _bench.Placement.Move("others", Other);
        for (var i = 0; i < 50; i++) await _bench.Streams.GetStream<int>(StreamId.Create($"{i}", "others")).SubscribeAsync(new HeardItems());
        answer.SetResult(HomeAnswer.Done);
        await subscribing.Soon();
        Assert.Equal($"register {id}", _bench.Peer(Next).Calls.Lines[^1]);
        Assert.True(_bench.Peer(Next).Registrations.Last().WantsItems);

        await (await subscribing).UnsubscribeAsync();
        await _bench.Peer(Next).Calls.HasAsync($"unregister {id}");
    }

    [Fact]
    public async Task Subscriber_GivenUpBecauseTheHomeDidNotAnswer_IsUnregisteredThere()
    {
        var id = StreamBench.Id("late");
        var answer = new TaskCompletionSource<HomeAnswer>();
        _bench.Peer(Other).OnRegister = _ => answer.Task;
        _bench.Placement.Move("late", Other);
        var subscribing = _bench.Stream("late").SubscribeAsync(new HeardItems());
        await _bench.Peer(Other).Calls.HasAsync($"register {id}");
        _bench.Clock.Advance(TimeSpan.FromSeconds(31));

        // Nobody knows whether it was done.
        answer.SetException(new TimeoutException("No answer."));
        await Assert.ThrowsAsync<TimeoutException>(() => subscribing.Soon());
        await _bench.Peer(Other).Calls.HasAsync($"unregister {id}");
    }

    [Fact]
    public async Task Handle_UnsubscribedByTwoAtOnce_LeavesTheOtherSubscriberItsItems()
    {
        var id = StreamBench.Id("twice");
        _bench.Placement.Move("twice", Other);
        var (gone, stays) = (new HeardItems(), new HeardItems());
        var handle = await _bench.Stream("twice").SubscribeAsync(gone);
        var other = await _bench.Stream("twice").SubscribeAsync(stays);

        List<Task> unsubscribing = [];
        await HeldTopic.WhileHeldAsync(_bench.Hub, id, () =>
        {
            var both = Enumerable.Range(0, 2).Select(_ => HeldTopic.InThread(() => unsubscribing.Add(handle.UnsubscribeAsync()))).ToArray();
            HeldTopic.UntilAllWait(both[0].Thread, both[1].Thread);
            unsubscribing.AddRange(both.Select(one => one.Done));
        });
        await Task.WhenAll(unsubscribing).Soon();

        Assert.Empty(_bench.Peer(Other).Unregistered);
        await other.UnsubscribeAsync();
        Assert.Single(_bench.Peer(Other).Unregistered);
    }

    [Fact]
    public async Task Round_WithoutAChange_LooksForNoStreamsHome()
    {
        _bench.Placement.Move("many", Other);
        for (var i = 0; i < 200; i++) await _bench.Streams.GetStream<int>(StreamId.Create($"{i}", "many")).SubscribeAsync(new HeardItems());
        _bench.Mesh.Start();
        await _bench.BeatAsync();
        await _bench.Peer(Other).Calls.CountAsync("renew", 1);
        await _bench.RoundAsync();
        var before = _bench.Placement.Located;

        await _bench.BeatAsync();
        await _bench.Peer(Other).Calls.CountAsync("renew", 2);
        await _bench.RoundAsync();
        Assert.Equal(before, _bench.Placement.Located);
        Assert.Same(Other.ToParsableString(), Other.ToParsableString());
    }

    [Fact]
    public async Task Subscription_OfAGrainAlone_NeedsNoSession()
    {
        _bench.Peer(Other).OnRenew = () => Task.FromResult(false);
        _bench.Placement.Move("grain", Other);
        await _bench.Mesh.AddGrainAsync(_bench.Hub, StreamBench.Id("grain"), Guid.NewGuid(), GrainId.Create("any", "grain"));
        _bench.Mesh.Start();
        for (var beat = 0; beat < 3; beat++) await _bench.BeatAsync();
        await _bench.RoundAsync();
        Assert.Equal([$"register {StreamBench.Id("grain")}"], _bench.Peer(Other).Calls.Lines);
    }

    [Fact]
    public async Task Publications_OfOneProcess_ComeFromOneProducer_WhoeverSentThem()
    {
        _bench.Placement.Move("sent", Other);
        for (var i = 1; i <= 3; i++)
        {
            await _bench.Stream("sent").OnNextAsync(i);
            await _bench.Peer(Other).Calls.CountAsync("publish", i);
            await Eventually.HoldsAsync("the outbox to end", () => !_bench.Mesh.Outboxes.Any());
        }

        var sent = _bench.Peer(Other).Publications.ToList();
        Assert.Single(sent.Select(publication => publication.Producer).Distinct());
        Assert.Equal(3, sent.Select(publication => publication.Number).Distinct().Count());
        Assert.Equal(sent.Select(publication => publication.Number).Order(), sent.Select(publication => publication.Number));
    }

    /// <summary>A stream with one subscriber moves to its next home, which has not answered yet.</summary>
    private async Task<(Orleans.Streams.StreamSubscriptionHandle<int> Handle, TaskCompletionSource<HomeAnswer> Answer)> MoveAsync(string key)
    {
        var answer = new TaskCompletionSource<HomeAnswer>();
        _bench.Peer(Next).OnRegister = _ => answer.Task;
        _bench.Placement.Move(key, Other);
        var handle = await _bench.Stream(key).SubscribeAsync(new HeardItems());
        _bench.Mesh.Start();
        _bench.Placement.Move(key, Next);
        await _bench.Peer(Next).Calls.HasAsync($"register {StreamBench.Id(key)}");
        return (handle, answer);
    }
}
