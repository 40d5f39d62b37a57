using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Streams;
using Orleans.Streams;
using Orleans.Streams.Core;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

public interface IWandererGrain : IGrainWithStringKey
{
    Task Subscribe(string key);

    Task Unsubscribe(string key);

    Task<int> Resume(string key);

    Task Publish(string key, int from, int count);
}

public sealed class WandererGrain : Grain, IWandererGrain
{
    private Recording Record => Recording.Of(this.GetPrimaryKeyString());

    public async Task Subscribe(string key) => await Stream(key).SubscribeAsync(HearAsync);

    public async Task Unsubscribe(string key)
    {
        foreach (var handle in await Stream(key).GetAllSubscriptionHandles()) await handle.UnsubscribeAsync();
    }

    public async Task<int> Resume(string key)
    {
        var handles = await Stream(key).GetAllSubscriptionHandles();
        foreach (var handle in handles) await handle.ResumeAsync(HearAsync);
        return handles.Count;
    }

    public async Task Publish(string key, int from, int count)
    {
        for (var i = from; i < from + count; i++) await Stream(key).OnNextAsync(i);
    }

    private Task HearAsync(int item, StreamSequenceToken? token)
    {
        Record.Add($"{item}");
        return Task.CompletedTask;
    }

    private IAsyncStream<int> Stream(string key) => this.GetStreamProvider(StreamCluster.Provider).GetStream<int>(StreamId.Create("cluster", key));
}

public interface IHomeBodyGrain : IGrainWithStringKey
{
    Task Never();
}

[ImplicitStreamSubscription("cluster implicit")]
public sealed class HomeBodyGrain : Grain, IHomeBodyGrain, IStreamSubscriptionObserver
{
    public Task Never() => Task.CompletedTask;

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => await handleFactory.Create<int>().ResumeAsync((item, _) =>
    {
        Recording.Of(this.GetPrimaryKeyString()).Add($"{item}");
        return Task.CompletedTask;
    });
}

public interface IPorterGrain : IGrainWithStringKey
{
    Task Subscribe(string key);
}

/// <summary>Takes what is heavy, from the moment on that its gate is open.</summary>
public sealed class PorterGrain : Grain, IPorterGrain
{
    public static ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new(StringComparer.Ordinal);

    private Recording Record => Recording.Of(this.GetPrimaryKeyString());

    public async Task Subscribe(string key) => await this.GetStreamProvider(StreamCluster.Provider).GetStream<byte[]>(StreamId.Create("cluster", key)).SubscribeAsync(
        async (item, _) =>
        {
            await Gates[this.GetPrimaryKeyString()].Task;
            Record.Add($"{item[0]}");
        },
        error =>
        {
            Record.Add(error.GetType().Name);
            return Task.CompletedTask;
        });
}

/// <summary>Streams in a cluster of three silos, over real connections.</summary>
public sealed class StreamClusterTests : IAsyncLifetime
{
    private StreamCluster _cluster = null!;

    private InProcessTestCluster Silos => _cluster.Cluster;

    public async ValueTask InitializeAsync() => _cluster = await StreamCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Publisher_OfEveryProcess_ReachesSubscribersOfEveryProcess_InItsOrder()
    {
        foreach (var home in Silos.Silos)
        {
            var id = StreamId.Create("cluster", _cluster.KeyAt(home, "everywhere"));
            var heard = new List<HeardItems>();
            foreach (var stream in Everywhere(id))
            {
                heard.Add(new HeardItems());
                await stream.SubscribeAsync(heard[^1]);
            }

            var producers = Everywhere(id).ToList();
            await Task.WhenAll(producers.Select(async (stream, producer) =>
            {
                for (var i = 0; i < 200; i++) await stream.OnNextAsync((producer * 1000) + i);
            }));
            foreach (var one in heard)
            {
                for (var producer = 0; producer < producers.Count; producer++) await one.UntilAsync((producer * 1000) + 199);
                Assert.Empty(one.Errors);
                Assert.Equal(producers.Count * 200, one.Items.Count);
                for (var producer = 0; producer < producers.Count; producer++)
                    Assert.Equal(Enumerable.Range(producer * 1000, 200), one.Items.Where(item => item / 1000 == producer));
            }
        }
    }

    [Fact]
    public async Task Process_WithManySubscribers_GetsOneCopy()
    {
        var home = Silos.Silos[0];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "one copy"));
        var heard = new List<HeardItems>();
        for (var i = 0; i < 20; i++)
        {
            heard.Add(new HeardItems());
            await _cluster.ClientStream<int>(id).SubscribeAsync(heard[^1]);
        }

        await StreamCluster.Stream<int>(home, id).OnNextAsync(7);
        foreach (var one in heard) await one.UntilAsync(7);

        // In the home there is one subscription for all of them.
        var topic = home.ServiceProvider.GetRequiredKeyedService<StreamHub>(StreamCluster.Provider).Find(id)!;
        Assert.IsType<ProcessSubscription>(Assert.Single(topic.Snapshot()));
    }

    [Fact]
    public async Task Unsubscribed_GetsNothingMore_AndTheHomeForgetsTheStream()
    {
        var home = Silos.Silos[1];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "unsubscribed"));
        var (gone, stays) = (new HeardItems(), new HeardItems());
        var handle = await _cluster.ClientStream<int>(id).SubscribeAsync(gone);
        var other = await StreamCluster.Stream<int>(Silos.Silos[2], id).SubscribeAsync(stays);
        await StreamCluster.Stream<int>(home, id).OnNextAsync(1);
        await gone.UntilAsync(1);
        await handle.UnsubscribeAsync();
        await StreamCluster.Stream<int>(home, id).OnNextAsync(2);
        await stays.UntilAsync(2);
        Assert.Equal([1], gone.Items);

        await other.UnsubscribeAsync();
        var hub = home.ServiceProvider.GetRequiredKeyedService<StreamHub>(StreamCluster.Provider);
        await Eventually.HoldsAsync("the home to forget the stream", () => hub.Find(id) is null);
    }

    [Fact]
    public async Task Home_Killed_SubscribersAreToldAndGetWhatComesAfter()
    {
        var home = Silos.Silos[1];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "killed"));
        var heard = new HeardItems[] { new(), new() };
        await _cluster.ClientStream<int>(id).SubscribeAsync(heard[0]);
        await StreamCluster.Stream<int>(Silos.Silos[0], id).SubscribeAsync(heard[1]);
        await _cluster.ClientStream<int>(id).OnNextAsync(1);
        foreach (var one in heard) await one.UntilAsync(1);

        await Silos.KillSiloAsync(home);
        foreach (var one in heard) await one.UntilErrorAsync();
        Assert.All(heard, one => Assert.IsType<QueueCacheMissException>(Assert.Single(one.Errors)));

        // Nobody is told before it is registered again: from now on nothing is missing.
        for (var i = 2; i < 50; i++) await _cluster.ClientStream<int>(id).OnNextAsync(i);
        foreach (var one in heard)
        {
            await one.UntilAsync(49);
            Assert.Equal(Enumerable.Range(1, 49), one.Items);
        }
    }

    [Fact]
    public async Task Home_Stopped_WhileSomebodyPublishes_LosesNothingThatIsPublishedAfterTheSubscribersWereTold()
    {
        var home = Silos.Silos[2];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "stopped"));
        var heard = new HeardItems();
        await _cluster.ClientStream<int>(id).SubscribeAsync(heard);
        var toldAt = -1;
        var next = 0;
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (toldAt < 0 && !heard.Errors.IsEmpty) toldAt = next;
                await _cluster.ClientStream<int>(id).OnNextAsync(next++);
                await Task.Yield();
                if (next % 50 == 0) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        });
        await heard.UntilAsync(10);
        await Silos.StopSiloAsync(home);
        await heard.UntilErrorAsync();
        await Eventually.HoldsAsync("the publisher to see it", () => toldAt >= 0);
        await stop.CancelAsync();
        await publishing.Soon();
        await _cluster.ClientStream<int>(id).OnNextAsync(next);
        await heard.UntilAsync(next);

        Assert.Equal(Enumerable.Range(toldAt, next - toldAt + 1), heard.Items.Where(item => item >= toldAt));
        Assert.Equal(heard.Items.Order(), heard.Items);
    }

    [Fact]
    public async Task Silo_ThatJoins_TakesStreamsOver_AndTheirSubscribersAreTold()
    {
        var keys = Enumerable.Range(0, 40).Select(i => $"joined {i}").ToList();
        var before = keys.ToDictionary(key => key, key => _cluster.HomeOf(key).SiloAddress);
        var heard = keys.ToDictionary(key => key, _ => new HeardItems());
        foreach (var key in keys) await _cluster.ClientStream<int>(StreamId.Create("cluster", key)).SubscribeAsync(heard[key]);

        var joined = await Silos.StartAdditionalSiloAsync();
        await Silos.WaitForLivenessToStabilizeAsync();
        var moved = keys.Where(key => !_cluster.HomeOf(key).SiloAddress.Equals(before[key])).ToList();
        Assert.NotEmpty(moved);
        foreach (var key in moved) await heard[key].UntilErrorAsync();
        foreach (var key in keys)
        {
            await StreamCluster.Stream<int>(joined, StreamId.Create("cluster", key)).OnNextAsync(1);
            await heard[key].UntilAsync(1);
        }

        Assert.All(keys.Except(moved), key => Assert.Empty(heard[key].Errors));
    }

    [Fact]
    public async Task SubscriberProcess_ThatDies_IsForgotten()
    {
        var home = Silos.Silos[0];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "dead subscriber"));
        await StreamCluster.Stream<int>(Silos.Silos[1], id).SubscribeAsync(new HeardItems());
        var hub = home.ServiceProvider.GetRequiredKeyedService<StreamHub>(StreamCluster.Provider);
        Assert.NotNull(hub.Find(id));

        await Silos.KillSiloAsync(Silos.Silos[1]);

        await Eventually.HoldsAsync("the home to let go of the dead process", () => hub.Find(id) is null);
    }

    [Fact]
    public async Task Grain_SubscribedToAStreamWithAnotherHome_GetsItems_AlsoAfterItsSiloAndTheHomeHaveGone()
    {
        var (first, second) = (Silos.Silos[1], Silos.Silos[2]);
        var key = _cluster.KeyAt(first, "grain's stream");
        var grainKey = _cluster.KeyAt(second, $"wanderer {Guid.NewGuid()}");
        var grain = Silos.Client.GetGrain<IWandererGrain>(grainKey);
        var record = Recording.Of(grainKey);
        await grain.Subscribe(key);
        await _cluster.ClientStream<int>(StreamId.Create("cluster", key)).OnNextAsync(1);
        await record.HasAsync("1");

        // The grain moves; its new activation finds its subscription.
        await Silos.StopSiloAsync(second);
        Assert.Equal(1, await grain.Resume(key));
        await _cluster.ClientStream<int>(StreamId.Create("cluster", key)).OnNextAsync(2);
        await record.HasAsync("2");

        // The home goes.
        await Silos.StopSiloAsync(first);
        await Eventually.HoldsAsync("the subscription to be known at the new home", async () => await grain.Resume(key) == 1);
        await _cluster.ClientStream<int>(StreamId.Create("cluster", key)).OnNextAsync(3);
        await record.HasAsync("3");

        await grain.Unsubscribe(key);
        Assert.Equal(0, await grain.Resume(key));
    }

    [Fact]
    public async Task ImplicitSubscription_OfAGrainInAnotherSilo_GetsItems()
    {
        foreach (var home in Silos.Silos)
        {
            var key = _cluster.KeyAt(home, $"implicit {Guid.NewGuid()}");
            await _cluster.ClientStream<int>(StreamId.Create("cluster implicit", key)).OnNextAsync(1);
            foreach (var silo in Silos.Silos) await StreamCluster.Stream<int>(silo, StreamId.Create("cluster implicit", key)).OnNextAsync(2);
            await Recording.Of(key).CountAsync(4);
            Assert.Equal(["1", "2", "2", "2"], Recording.Of(key).Lines.Order());
        }
    }

    [Fact]
    public async Task Items_MoreThanTravelTogetherToAGrain_GoInSeveralCalls_AndWhatCannotTravelIsToldOf()
    {
        var home = Silos.Silos[0];
        var key = _cluster.KeyAt(home, "heavy");
        var grainKey = _cluster.KeyAt(Silos.Silos[1], $"porter {Guid.NewGuid()}");
        var gate = PorterGrain.Gates[grainKey] = new TaskCompletionSource();
        await Silos.Client.GetGrain<IPorterGrain>(grainKey).Subscribe(key);

        // While the grain holds the first one, the others wait: together more than a frame takes.
        var stream = StreamCluster.Stream<byte[]>(home, StreamId.Create("cluster", key));
        byte[] Item(int number, int length)
        {
            var item = new byte[length];
            item[0] = (byte)number;
            return item;
        }

        for (var i = 0; i < 40; i++) await stream.OnNextAsync(Item(i, 200_000));
        await stream.OnNextAsync(Item(40, 5_000_000));
        await stream.OnNextAsync(Item(41, 1));
        gate.SetResult();

        var record = Recording.Of(grainKey);
        await record.HasAsync("41");
        Assert.Equal([.. Enumerable.Range(0, 40).Select(i => $"{i}"), nameof(QueueCacheMissException), "41"], record.Lines);
    }

    [Fact]
    public async Task Items_OfAnotherType_AreAnErrorOfTheSubscriber()
    {
        var id = StreamId.Create("cluster", _cluster.KeyAt(Silos.Silos[0], "types"));
        var heard = new HeardItems();
        await _cluster.ClientStream<int>(id).SubscribeAsync(heard);
        await StreamCluster.Stream<string>(Silos.Silos[1], id).OnNextAsync("no number");
        await heard.UntilErrorAsync();
        Assert.IsType<InvalidCastException>(Assert.Single(heard.Errors));
    }

    [Fact]
    public async Task Items_MoreThanASubscriberTakes_AreBounded_AndItIsTold()
    {
        var home = Silos.Silos[0];
        var id = StreamId.Create("cluster", _cluster.KeyAt(home, "slow"));
        var gate = new TaskCompletionSource();
        var told = new TaskCompletionSource<Exception>();
        await _cluster.ClientStream<int>(id).SubscribeAsync((_, _) => gate.Task, error =>
        {
            told.TrySetResult(error);
            return Task.CompletedTask;
        });
        var quick = new HeardItems();
        await StreamCluster.Stream<int>(Silos.Silos[1], id).SubscribeAsync(quick);
        for (var i = 0; i < 20_000; i++)
        {
            await StreamCluster.Stream<int>(home, id).OnNextAsync(i);
            if (i % 500 == 499) await quick.UntilAsync(i);
        }

        gate.SetResult();
        Assert.IsType<QueueCacheMissException>(await told.Task.Soon());
        Assert.Empty(quick.Errors);
    }

    private IEnumerable<IAsyncStream<int>> Everywhere(StreamId id) => [_cluster.ClientStream<int>(id), .. Silos.Silos.Select(silo => StreamCluster.Stream<int>(silo, id))];
}
