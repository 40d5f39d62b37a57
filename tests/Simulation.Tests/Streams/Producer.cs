using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Streams;

/// <summary>Somebody who publishes numbered items on a stream.</summary>
internal sealed class Producer(StreamWorld world, StreamProcess process, StreamId stream, int number)
{
    private const long ItemsMax = 1_000_000;

    private readonly IAsyncStream<long> _stream = process.Streams.GetStream<long>(stream);

    public StreamProcess Process => process;

    public StreamId Stream => stream;

    public int Number => number;

    /// <summary>When each item was published.</summary>
    public List<long> PublishedMs { get; } = [];

    public static string Describe(long item) => $"{item / ItemsMax}.{item % ItemsMax}";

    public static int NumberOf(long item) => (int)(item / ItemsMax);

    public static long IndexOf(long item) => item % ItemsMax;

    public long Item(int index) => (number * ItemsMax) + index;

    public override string ToString() => $"producer {number} at {process}";

    public void Publish(long nowMs, int count) => process.Post(() =>
    {
        world.Tell($"{this} publishes {Describe(Item(PublishedMs.Count + 1))}{(count > 1 ? $" to {Describe(Item(PublishedMs.Count + count))}" : "")} on {stream}");
        var isBatch = count > 1 && world.Random.Next(3) == 0;
        var items = new List<long>();
        for (var i = 0; i < count; i++)
        {
            PublishedMs.Add(nowMs);
            items.Add(Item(PublishedMs.Count));
        }

        if (isBatch)
        {
            _ = _stream.OnNextBatchAsync(items);
            return;
        }

        foreach (var item in items) _ = _stream.OnNextAsync(item);
    });
}
