using System.Collections.Concurrent;
using Orleans.Streams;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Streams between processes whose frames are as small as they may be.</summary>
public sealed class StreamFrameTests : IAsyncLifetime
{
    private const int FrameMax = 64 * 1024;

    private StreamCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await StreamCluster.StartAsync(2, ("Cluster:FrameMax", $"{FrameMax}"));

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(1000, 10)]
    [InlineData(100, 300)]
    public async Task Burst_OfMoreThanAFrame_ArrivesWhole(int itemLength, int keyLength)
    {
        var home = _cluster.Cluster.Silos[0];
        var id = StreamId.Create("frames", _cluster.KeyAt(home, new string('k', keyLength)));
        var heard = new HeardTexts();
        await StreamCluster.Stream<string>(_cluster.Cluster.Silos[1], id).SubscribeAsync(heard);
        foreach (var stream in new[] { _cluster.ClientStream<string>(id), StreamCluster.Stream<string>(home, id) })
        {
            var texts = Enumerable.Range(0, 1500).Select(i => $"{stream.GetHashCode()} {i} {Guid.NewGuid()}".PadRight(itemLength, '.')).ToList();
            heard.Items.Clear();
            foreach (var text in texts) await stream.OnNextAsync(text);
            await heard.UntilAsync(texts[^1]);
            Assert.Empty(heard.Errors);
            Assert.Equal(texts, heard.Items);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Item_OfMoreThanAFrame_IsMissedByItsOwnStreamAlone(bool fromItsHome)
    {
        var (home, subscriber) = (_cluster.Cluster.Silos[0], _cluster.Cluster.Silos[1]);
        var (id, otherId) = (StreamId.Create("frames", _cluster.KeyAt(home, "large")), StreamId.Create("frames", _cluster.KeyAt(home, "other")));
        var (heard, other) = (new HeardTexts(), new HeardTexts());
        await StreamCluster.Stream<string>(subscriber, id).SubscribeAsync(heard);
        await StreamCluster.Stream<string>(subscriber, otherId).SubscribeAsync(other);
        var stream = fromItsHome ? StreamCluster.Stream<string>(home, id) : _cluster.ClientStream<string>(id);

        for (var i = 0; i < 10; i++) await stream.OnNextAsync($"before {i}");
        await stream.OnNextAsync(new string('x', FrameMax));
        for (var i = 0; i < 10; i++) await stream.OnNextAsync($"after {i}");
        await heard.UntilAsync("after 9");
        Assert.IsType<QueueCacheMissException>(Assert.Single(heard.Errors));
        Assert.Equal(20, heard.Items.Count);

        await stream.OnNextAsync(new string('y', FrameMax));
        await Eventually.HoldsAsync("the last item to be missed", () => heard.Errors.Count == 2);

        await StreamCluster.Stream<string>(home, otherId).OnNextAsync("untouched");
        await other.UntilAsync("untouched");
        Assert.Empty(other.Errors);
    }

    private sealed class HeardTexts : IAsyncObserver<string>
    {
        private readonly Recording _record = Recording.Of($"heard {Guid.NewGuid()}");

        public ConcurrentQueue<string> Items { get; } = new();

        public ConcurrentQueue<Exception> Errors { get; } = new();

        public Task OnNextAsync(string item, StreamSequenceToken? token = null)
        {
            Items.Enqueue(item);
            _record.Add(item);
            return Task.CompletedTask;
        }

        public Task OnErrorAsync(Exception ex)
        {
            Errors.Enqueue(ex);
            return Task.CompletedTask;
        }

        public Task UntilAsync(string item) => _record.HasAsync(item);
    }
}
