using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Embedded.Streams;
using Orleans.Hosting;
using Orleans.Streams;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded;

public interface IBurstGrain : IGrainWithStringKey
{
    /// <summary>Publishes consecutive numbers; between two of them the turn may end, as the seed says.</summary>
    Task Publish(string stream, int from, int count, int seed);

    /// <summary>Publishes in one turn and then holds the turn until the subscriber has opened the gate.</summary>
    Task<bool> PublishAndBlock(string stream, int count);

    /// <summary>Publishes in a turn that ends without an answer to anybody.</summary>
    Task PublishLast(string stream);
}

[Reentrant]
public sealed class BurstGrain : Grain, IBurstGrain
{
    public async Task Publish(string stream, int from, int count, int seed)
    {
        var random = new Random(seed);
        for (var i = from; i < from + count; i++)
        {
            await Stream(stream).OnNextAsync(i);
            if (random.Next(8) == 0) await Task.Yield();
        }
    }

    public async Task<bool> PublishAndBlock(string stream, int count)
    {
        for (var i = 0; i < count; i++) await Stream(stream).OnNextAsync(i);

        // What no grain should do; here it shows that delivery does not wait for the turn's end.
        return StreamDeliveryTests.FirstItem.Wait(Eventually.Timeout);
    }

    public async Task PublishLast(string stream)
    {
        await Task.Yield();
        Recording.Of(stream).Add($"published on {Environment.CurrentManagedThreadId}");
        await Stream(stream).OnNextAsync(0);
        await Recording.Of(stream).GateAsync();
    }

    private IAsyncStream<int> Stream(string key) => this.GetStreamProvider(EngineCluster.Streams).GetStream<int>(StreamId.Create("bursts", key));
}

/// <summary>How this engine delivers within one process: at once, in order, and whatever the publisher does next.</summary>
public sealed class StreamDeliveryTests(EngineCluster cluster)
{
    internal static readonly ManualResetEventSlim FirstItem = new();

    [Fact]
    public async Task Item_PublishedLastInATurn_IsDeliveredOnItsThread()
    {
        Assert.SkipWhen(SiloCount.Value > 1, "The client is in a process of its own then.");
        var record = Recording.Of(this.Key());
        await SubscribeAsync(this.Key(), _ => record.Add($"delivered on {Environment.CurrentManagedThreadId}"));

        var publishing = cluster.Client.GetGrain<IBurstGrain>(this.Key()).PublishLast(this.Key());
        await record.CountAsync(2);
        record.Open();
        await publishing.Soon();

        Assert.Equal(record.Lines[0]["published on ".Length..], record.Lines[1]["delivered on ".Length..]);
    }

    [Fact]
    public async Task Items_ManyInOneTurn_AreDeliveredBeforeItEnds()
    {
        await SubscribeAsync(this.Key(), _ => FirstItem.Set());
        Assert.True(await cluster.Client.GetGrain<IBurstGrain>(this.Key()).PublishAndBlock(this.Key(), 100).Soon());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Items_OfManyProducersInBursts_ArriveEachOnceInTheProducersOrder_AndNoneIsLeftWaiting(int seed)
    {
        const int producers = 4;
        const int subscribers = 3;
        var random = new Random(seed);
        var key = $"{this.Key()} {seed}";
        var heard = Enumerable.Range(0, subscribers).Select(_ => new Heard(producers)).ToArray();
        foreach (var one in heard) await SubscribeAsync(key, one.Add, one.Fail);

        // Each round ends only when everything has arrived: an item whose delivery nobody woke up for would stay, for nothing comes after it.
        var sent = new int[producers];
        for (var round = 0; round < 150; round++)
        {
            var publishing = new List<Task>();
            for (var producer = 0; producer < producers; producer++)
            {
                // Never more at once than a subscriber's buffer holds.
                var count = random.Next(4) == 0 ? random.Next(200) : random.Next(4);
                publishing.Add(cluster.Client.GetGrain<IBurstGrain>($"{key} {producer % 2}").Publish(key, (producer * Heard.Share) + sent[producer], count, random.Next()));
                sent[producer] += count;
            }

            await Task.WhenAll(publishing).Soon($"seed {seed}, round {round}: publishing");
            foreach (var one in heard) await one.Until(sent.Sum()).Soon($"seed {seed}, round {round}: {sent.Sum()} items");
        }

        foreach (var one in heard) one.AssertInOrder(sent);
    }

    [Fact]
    public async Task Streams_ThatComeAndGo_LeaveNothing()
    {
        await using var own = await EngineCluster.StartAsync(silo => silo.AddMemoryStreams(EngineCluster.Streams), client => client.AddMemoryStreams(EngineCluster.Streams), silos: 1);
        var provider = own.Client.GetStreamProvider(EngineCluster.Streams);
        for (var i = 0; i < 2000; i++)
        {
            var stream = provider.GetStream<int>(StreamId.Create("passing", $"{i}"));
            var got = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var handle = await stream.SubscribeAsync((_, _) =>
            {
                got.TrySetResult();
                return Task.CompletedTask;
            });
            await stream.OnNextAsync(i);
            await got.Task.Soon($"item {i}");
            await handle.UnsubscribeAsync();
        }

        Assert.Equal(0, own.GetSiloServiceProvider().GetRequiredKeyedService<StreamHub>(EngineCluster.Streams).TopicCount);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 8)];

    private Task SubscribeAsync(string key, Action<int> onNext, Action<Exception>? onError = null) =>
        cluster.Client.GetStreamProvider(EngineCluster.Streams).GetStream<int>(StreamId.Create("bursts", key)).SubscribeAsync(
            (item, _) =>
            {
                onNext(item);
                return Task.CompletedTask;
            },
            error =>
            {
                onError?.Invoke(error);
                return Task.CompletedTask;
            });

    /// <summary>What one subscriber heard; producer <c>p</c> sends <c>p × Share</c>, <c>p × Share + 1</c>, ….</summary>
    private sealed class Heard(int producers)
    {
        public const int Share = 1_000_000;

        private readonly Lock _lock = new();
        private readonly int[] _next = new int[producers];
        private TaskCompletionSource? _waiting;
        private int _waitFor;
        private int _total;
        private string? _wrong;

        public void Add(int item)
        {
            lock (_lock)
            {
                var producer = item / Share;
                if (item % Share != _next[producer]) _wrong ??= $"producer {producer}: {item % Share} where {_next[producer]} was due";
                _next[producer]++;
                if (++_total >= _waitFor) _waiting?.TrySetResult();
            }
        }

        public void Fail(Exception error)
        {
            lock (_lock)
            {
                _wrong ??= error.Message;
                _waiting?.TrySetException(error);
            }
        }

        public Task Until(int total)
        {
            lock (_lock)
            {
                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waitFor = total;
                if (_total >= total) _waiting.SetResult();
                return _waiting.Task;
            }
        }

        public void AssertInOrder(int[] sent)
        {
            lock (_lock)
            {
                Assert.Null(_wrong);
                Assert.Equal(sent, _next);
            }
        }
    }
}
