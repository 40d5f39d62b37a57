using Orleans.Streams;
using Orleans.Streams.Core;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Streams;

public interface IReaderGrain : IGrainWithStringKey
{
    Task Subscribe(string key, string how = "");

    Task Unsubscribe();

    Task Resume(string key);

    Task Publish(string key, int from, int count);

    Task End();
}

public sealed class ReaderGrain : Grain, IReaderGrain
{
    private StreamSubscriptionHandle<int>? _handle;

    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public async Task Subscribe(string key, string how = "") => _handle = await Stream(key).SubscribeAsync((item, _) => HandleAsync(item, how));

    public Task Unsubscribe() => _handle!.UnsubscribeAsync();

    public async Task Resume(string key)
    {
        foreach (var handle in await Stream(key).GetAllSubscriptionHandles()) _handle = await handle.ResumeAsync((item, _) => HandleAsync(item, ""));
    }

    public async Task Publish(string key, int from, int count)
    {
        for (var i = from; i < from + count; i++) await Stream(key).OnNextAsync(i);
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Recording.Add("ends");
        return Task.CompletedTask;
    }

    private async Task HandleAsync(int item, string how)
    {
        if (how == "hold") await Recording.GateAsync();
        if (how == "throw") throw new InvalidOperationException("I cannot take it.");
        Recording.Add($"{item} {TaskScheduler.Current != TaskScheduler.Default}");
    }

    private IAsyncStream<int> Stream(string key) => this.GetStreamProvider(EngineCluster.Streams).GetStream<int>(StreamId.Create("explicit", key));
}

public interface IImplicitGrain : IGrainWithStringKey
{
    Task Never();
}

[ImplicitStreamSubscription("implicit")]
[ImplicitStreamSubscription("implicit too")]
public sealed class ImplicitGrain : Grain, IImplicitGrain, IStreamSubscriptionObserver
{
    public Task Never() => Task.CompletedTask;

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => await handleFactory.Create<string>().ResumeAsync((item, _) =>
    {
        Recording.Of(this.GetPrimaryKeyString()).Add($"{handleFactory.StreamId.GetNamespace()}: {item}");
        return Task.CompletedTask;
    });
}

/// <summary>Streams: who subscribes gets what is published from then on.</summary>
public sealed class StreamTests(EngineCluster cluster)
{
    [Fact]
    public async Task Grain_Subscribed_GetsItemsInOrderOnItsScheduler()
    {
        await Reader().Subscribe(this.Key());
        for (var i = 0; i < 200; i++) await Stream().OnNextAsync(i);
        await Record().CountAsync(200);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i} True"), Record().Lines);
    }

    [Fact]
    public async Task Client_Subscribed_GetsItemsInOrder()
    {
        var handle = await SubscribeAsync();
        await Reader().Publish(this.Key(), 0, 100);
        await Record().CountAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), Record().Lines);
        await handle.UnsubscribeAsync();
    }

    [Fact]
    public async Task Batch_StaysTogetherAndInOrder()
    {
        var handle = await SubscribeAsync();
        await Stream().OnNextBatchAsync(Enumerable.Range(0, 50));
        await Stream().OnNextAsync(50);
        await Record().CountAsync(51);
        Assert.Equal(Enumerable.Range(0, 51).Select(i => $"{i}"), Record().Lines);
        await handle.UnsubscribeAsync();
    }

    [Fact]
    public async Task Subscribers_Several_EachGetEverything()
    {
        for (var i = 0; i < 5; i++) await cluster.Client.GetGrain<IReaderGrain>($"{this.Key()} {i}").Subscribe(this.Key());
        await Reader().Publish(this.Key(), 0, 20);
        for (var i = 0; i < 5; i++) await Recording.Of($"{this.Key()} {i}").CountAsync(20);
    }

    [Fact]
    public async Task Unsubscribed_GetsNothingMore()
    {
        await Reader().Subscribe(this.Key());
        var other = await SubscribeAsync(this.Key() + " other");
        await Stream().OnNextAsync(1);
        await Record().HasAsync("1 True");
        await Reader().Unsubscribe();
        await Stream().OnNextAsync(2);
        await Recording.Of(this.Key() + " other").HasAsync("2");

        // Were the grain still sent what it has left, it would have 2 before 3.
        await Reader().Subscribe(this.Key());
        await Stream().OnNextAsync(3);
        await Record().HasAsync("3 True");
        Assert.Equal(["1 True", "3 True"], Record().Lines);
        await Reader().Unsubscribe();
        await other.UnsubscribeAsync();
        Assert.Empty(await Stream().GetAllSubscriptionHandles());
    }

    [Fact]
    public async Task Subscriber_ThatHoldsOrThrows_DisturbsNobody()
    {
        await cluster.Client.GetGrain<IReaderGrain>(this.Key() + " holds").Subscribe(this.Key(), "hold");
        await cluster.Client.GetGrain<IReaderGrain>(this.Key() + " throws").Subscribe(this.Key(), "throw");
        var never = new TaskCompletionSource();
        await Stream().SubscribeAsync((_, _) => never.Task);
        await Stream().SubscribeAsync((_, _) => throw new InvalidOperationException("always"));
        var handle = await SubscribeAsync();
        for (var i = 0; i < 1000; i++) await Stream().OnNextAsync(i).Soon();
        await Record().CountAsync(1000);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), Record().Lines);
        Recording.Of(this.Key() + " holds").Open();
        await cluster.Client.GetGrain<IReaderGrain>(this.Key() + " holds").Unsubscribe();
        await cluster.Client.GetGrain<IReaderGrain>(this.Key() + " throws").Unsubscribe();
        await handle.UnsubscribeAsync();
        foreach (var left in await Stream().GetAllSubscriptionHandles()) await left.UnsubscribeAsync();
        Assert.Empty(await Stream().GetAllSubscriptionHandles());
        never.SetResult();
    }

    [Fact]
    public async Task Grain_ThatEnded_ResumesItsSubscription()
    {
        await Reader().Subscribe(this.Key());
        await Stream().OnNextAsync(1);
        await Record().HasAsync("1 True");
        await Reader().End();
        await Record().HasAsync("ends");
        await Reader().Resume(this.Key());
        await Stream().OnNextAsync(2);
        await Record().HasAsync("2 True");
    }

    [Fact]
    public async Task ImplicitSubscription_MakesTheGrainOfTheKeyReceive()
    {
        var provider = cluster.Client.GetStreamProvider(EngineCluster.Streams);
        await provider.GetStream<string>(StreamId.Create("implicit", this.Key())).OnNextAsync("one");
        await Record().HasAsync("implicit: one");
        await provider.GetStream<string>(StreamId.Create("implicit too", this.Key())).OnNextAsync("two");
        await Record().HasAsync("implicit too: two");
        Assert.Empty(Recording.Of(this.Key() + " other").Lines);
    }

    [Fact]
    public async Task Provider_ThatDoesNotExist_IsRefused() =>
        await Assert.ThrowsAnyAsync<Exception>(() => Task.Run(() => cluster.Client.GetStreamProvider("no such provider")));

    private IAsyncStream<int> Stream([System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        cluster.Client.GetStreamProvider(EngineCluster.Streams).GetStream<int>(StreamId.Create("explicit", this.Key(name)));

    private Task<StreamSubscriptionHandle<int>> SubscribeAsync(string? recording = null, [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        Stream(name).SubscribeAsync((item, _) =>
        {
            Recording.Of(recording ?? this.Key(name)).Add($"{item}");
            return Task.CompletedTask;
        });

    private IReaderGrain Reader([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IReaderGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
