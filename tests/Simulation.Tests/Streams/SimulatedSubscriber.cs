using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Streams;

/// <summary>Somebody who listens to a stream, and writes down what came when, and when it was told that something may be missing.</summary>
internal sealed class SimulatedSubscriber(StreamWorld world, StreamProcess process, StreamId stream, int number, int slowMs) : IAsyncObserver<long>
{
    private readonly Dictionary<int, long> _last = [];
    private readonly Dictionary<long, long> _gotMs = [];
    private StreamSubscriptionHandle<long>? _handle;
    private bool _isUnsubscribed;

    public StreamProcess Process => process;

    public StreamId Stream => stream;

    public long BegunMs { get; } = world.Time.NowMs;

    public long SubscribedMs { get; private set; }

    public bool IsSubscribed => _handle is not null;

    /// <summary>Whether it is subscribed, or was refused.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>When it ended, or its process did.</summary>
    public long? EndMs { get; set; }

    public long Got { get; private set; }

    /// <summary>When it was told that something may be missing.</summary>
    public List<long> Told { get; } = [];

    /// <summary>How often it was told that it was too slow.</summary>
    public int TooSlow { get; private set; }

    /// <summary>Items that came again or after later ones of their producer: the item, since when it was there, when it came.</summary>
    public List<(long Item, long SinceMs, long AtMs)> Backward { get; } = [];

    public bool Has(long item) => _gotMs.ContainsKey(item);

    public long LastOf(int producer) => Producer.IndexOf(_last.GetValueOrDefault(producer));

    public override string ToString() => $"subscriber {number} at {process}";

    public async Task SubscribeAsync()
    {
        try
        {
            _handle = await process.Streams.GetStream<long>(stream).SubscribeAsync(this);
            SubscribedMs = world.Time.NowMs;
            world.Tell($"{this} is subscribed to {stream}");
        }
        catch (TimeoutException)
        {
            EndMs ??= world.Time.NowMs;
        }

        IsDecided = true;
    }

    public async Task UnsubscribeAsync()
    {
        if (_handle is null || EndMs is not null) return;
        EndMs ??= world.Time.NowMs;
        await _handle.UnsubscribeAsync();
        _isUnsubscribed = true;
        world.Tell($"{this} has unsubscribed");
    }

    public async Task OnNextAsync(long item, StreamSequenceToken? token = null)
    {
        var now = world.Time.NowMs;
        if (_isUnsubscribed) world.Fail($"{this} got item {Producer.Describe(item)} after it had unsubscribed.");
        Got++;
        var producer = Producer.NumberOf(item);
        if (_last.TryGetValue(producer, out var last) && item <= last) Backward.Add((item, _gotMs.GetValueOrDefault(item, now), now));
        else _last[producer] = item;
        _gotMs.TryAdd(item, now);
        if (slowMs > 0) await process.Delay(world.Random.Next(1, slowMs));
    }

    public Task OnErrorAsync(Exception ex)
    {
        if (world.Mutation == StreamMutation.PlaceForgotten) return Task.CompletedTask;
        if (ex.Message.Contains("too slow", StringComparison.Ordinal)) TooSlow++;
        Told.Add(world.Time.NowMs);
        world.Tell($"{this} is told: {ex.Message}");
        return Task.CompletedTask;
    }
}
