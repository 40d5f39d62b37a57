using Orleans.Embedded.Streams;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Streams;

/// <summary>
/// Producers and subscribers in a cluster under faults. The streams are the engine's own. Each producer numbers its items, so that a subscriber can tell what it missed, got twice or got too early. That may happen, because streams
/// promise no delivery; what must never happen is that it happens and the subscriber is not told.
/// </summary>
internal sealed class StreamWorld
{
    private const long FaultsUntilMs = 20_000;

    /// <summary>Items are published beyond the last fault: what that one leads to takes some seconds.</summary>
    private const long PublishUntilMs = 27_000;

    private const long QuietMs = 30_000;
    private const long LastItemsMs = 5_000;

    private const long BegunMs = 3_000;

    /// <summary>A subscriber is told within this time after what it is told of: a call that is answered in vain, a pause, another attempt.</summary>
    private const long ToldWithinMs = 20_000;

    /// <summary>For so long after a change of a stream's home items may come that were on their way from the former one.</summary>
    private const long OnTheirWayMs = 10_000;

    /// <summary>After this time without faults nobody has a reason to be told anything.</summary>
    private const long SettledMs = 20_000;

    /// <summary>The engine's limit, the longest pause and some.</summary>
    private const long SubscribeMs = 45_000;

    private static readonly StreamBounds Small = new() { SubscriberMax = 24, SessionMax = 32, OutboxMax = 24, BatchMax = 4, InFlightMax = 2 };

    private readonly Story _story;
    private readonly StreamCluster _cluster;
    private readonly StreamBounds _bounds;
    private readonly StreamId[] _streams;
    private readonly List<Producer> _producers = [];
    private readonly List<SimulatedSubscriber> _subscribers = [];
    private readonly bool _isCalm;
    private Exception? _failure;

    public StreamWorld(int seed, StreamMutation mutation, Story story)
    {
        Random = new Random(seed);
        Mutation = mutation;
        _story = story;
        _isCalm = seed % 10 == 0;
        _bounds = _isCalm ? new StreamBounds() : Small;
        _streams = [.. Enumerable.Range(0, Random.Next(1, 4)).Select(number => StreamId.Create("s", $"key-{number}"))];
        _cluster = new StreamCluster(Time, Random, story, mutation, _bounds, Random.Next(1, 4), Random.Next(1, 3)) { Started = OnStarted, Gone = OnGone };
    }

    public VirtualTime Time { get; } = new();

    public Random Random { get; }

    public StreamMutation Mutation { get; }

    public StreamFaults Faults => _cluster.Faults;

    public StreamCounts Counts { get; } = new();

    public long Broken => _cluster.Network.Broken;

    public long Late => _cluster.Network.Late;

    public void Play()
    {
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _cluster.Begin();
            Time.After(300, Publish);
            Time.After(20, Inspect);
            if (!_isCalm) Time.After(2_000, () => _cluster.Disturb(FaultsUntilMs));
            RunUntil(FaultsUntilMs);
            _cluster.Heal();
            RunUntil(FaultsUntilMs + QuietMs);
            foreach (var producer in _producers.Where(producer => !producer.Process.IsDead)) producer.Publish(Time.NowMs, 1);
            RunUntil(FaultsUntilMs + QuietMs + LastItemsMs);
            Check();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
            _cluster.End();
        }
    }

    public void Tell(string what)
    {
        if (_story.IsTold) _story.Add(Time.NowMs, what);
    }

    public void Fail(string what) => _failure ??= new SimulationFailedException(what);

    private void RunUntil(long ms)
    {
        Time.RunUntil(ms);
        if (_cluster.Escapes.First is { } where) throw new InvalidOperationException($"Something left the simulation: {where}");
        if (_failure is not null) throw _failure is SimulationFailedException ? _failure : new InvalidOperationException("The simulation is broken.", _failure);
    }

    private void OnStarted(StreamProcess process)
    {
        foreach (var stream in _streams)
        {
            if (Random.Next(3) > 0) _producers.Add(new Producer(this, process, stream, _producers.Count + 1));
            for (var left = Random.Next(3); left > 0; left--) Subscribe(process, stream, Random.Next(1, 6_000));
        }
    }

    private void OnGone(StreamProcess process)
    {
        foreach (var subscriber in _subscribers)
            if (subscriber.Process == process) subscriber.EndMs ??= Time.NowMs;
    }

    private void Subscribe(StreamProcess process, StreamId stream, long afterMs) => process.After(afterMs, () =>
    {
        if (process.IsLeaving || Time.NowMs > FaultsUntilMs) return;
        var subscriber = new SimulatedSubscriber(this, process, stream, _subscribers.Count + 1, _isCalm || Random.Next(3) > 0 ? 0 : Random.Next(1, 60));
        _subscribers.Add(subscriber);
        process.Start(subscriber.SubscribeAsync, OnFailed);
        if (Random.Next(3) > 0) return;
        process.After(Random.Next(1, 8_000), () => process.Start(subscriber.UnsubscribeAsync, OnFailed));
        Subscribe(process, stream, Random.Next(1, 9_000));
    });

    private void OnFailed(Exception exception) => _failure ??= exception;

    private void Publish()
    {
        if (Time.NowMs >= PublishUntilMs) return;
        Time.After(Random.Next(1, 160), Publish);
        var producers = _producers.FindAll(producer => producer.Process is { IsDead: false, IsPaused: false });
        if (producers.Count == 0) return;
        var count = Random.Next(60) == 0 ? Random.Next(10, 60) : Random.Next(1, 4);
        producers[Random.Next(producers.Count)].Publish(Time.NowMs, count);
        Counts.Published += count;
    }

    /// <summary>Nothing may ever be larger than its bound, and nothing may wait for ever.</summary>
    private void Inspect()
    {
        Time.After(Time.NowMs < FaultsUntilMs ? 20 : 500, Inspect);
        foreach (var process in _cluster.Processes)
        {
            foreach (var outbox in process.Mesh.Outboxes) Require(outbox.Count <= _bounds.OutboxMax, $"{outbox.Count} parcels wait in an outbox of {process}");
            foreach (var session in process.Mesh.Sessions)
            {
                var (waiting, inFlight) = session.Counts;
                Require(waiting <= _bounds.SessionMax && inFlight <= _bounds.InFlightMax, $"{waiting} parcels wait for {session.Process} at {process}, {inFlight} batches are on their way");
            }

            foreach (var stream in _streams)
            {
                foreach (var subscription in process.Hub.Find(stream)?.Snapshot() ?? [])
                    if (subscription is LocalSubscription<long> local) Require(local.Count <= _bounds.SubscriberMax, $"{local.Count} items wait for a subscriber at {process}");
            }
        }

        foreach (var subscriber in _subscribers)
            Require(subscriber.IsDecided || subscriber.EndMs is not null || Time.NowMs - subscriber.BegunMs < SubscribeMs, $"{subscriber} has waited for {SubscribeMs} ms to be registered");
    }

    private void Check()
    {
        foreach (var subscriber in _subscribers)
        {
            Counts.Told += subscriber.Told.Count;
            Counts.Delivered += subscriber.Got;
            Counts.Overflows += subscriber.TooSlow;
            CheckOrder(subscriber);
            if (subscriber is { IsSubscribed: true, EndMs: null }) CheckComplete(subscriber);
            var settledMs = Math.Max(_cluster.DisturbedMs, FaultsUntilMs) + SettledMs;
            Require(!subscriber.Told.Exists(told => told > settledMs), $"{subscriber} was told that it may have lost its place, for no reason");
        }

        foreach (var process in _cluster.Processes)
        {
            Require(!process.Mesh.Outboxes.Any(), $"an outbox of {process} is not empty");
            foreach (var session in process.Mesh.Sessions) Require(_cluster.Network.Find(session.Process) is not null, $"{process} keeps a session of {session.Process}, which is dead");
        }

        if (!_isCalm) return;

        // When all have found each other.
        foreach (var subscriber in _subscribers) Require(!subscriber.Told.Exists(told => told > BegunMs) && !subscriber.Backward.Exists(item => item.AtMs > BegunMs), $"{subscriber} lost its place although nothing has happened");
    }

    /// <summary>Items that come twice, or after later ones, mean that the stream began anew: the subscriber is told.</summary>
    private void CheckOrder(SimulatedSubscriber subscriber)
    {
        Counts.Repeated += subscriber.Backward.Count;
        foreach (var (item, sinceMs, atMs) in subscriber.Backward)
        {
            if (!subscriber.IsSubscribed || atMs <= subscriber.SubscribedMs || (subscriber.EndMs is { } end && end < atMs + ToldWithinMs)) continue;
            Require(subscriber.Told.Exists(told => told >= sinceMs - OnTheirWayMs && told <= atMs + ToldWithinMs), $"{subscriber} got item {Producer.Describe(item)} twice, or too late, at {atMs} ms, and was not told");
        }
    }

    /// <summary>Whoever misses an item is told so after it was published, so that what it then reads elsewhere is complete.</summary>
    private void CheckComplete(SimulatedSubscriber subscriber)
    {
        var toldMs = subscriber.Told.Count == 0 ? -1 : subscriber.Told[^1];
        foreach (var producer in _producers)
        {
            if (producer.Stream != subscriber.Stream) continue;
            var last = subscriber.LastOf(producer.Number);
            var end = producer.PublishedMs.Count;
            if (!producer.Process.IsDead) Require(last == end, $"{subscriber} did not get the last item of {producer}, which is {end}; its last is {last}");

            // What a process had not sent yet when it died nobody else can know of.
            else end = (int)last;
            for (var number = 1; number <= end; number++)
            {
                var publishedMs = producer.PublishedMs[number - 1];
                if (publishedMs <= subscriber.SubscribedMs || publishedMs <= toldMs || subscriber.Has(producer.Item(number))) continue;
                Require(
                    false,
                    $"{subscriber} misses item {Producer.Describe(producer.Item(number))} of {publishedMs} ms and was not told; it subscribed at {subscriber.SubscribedMs} ms and was last told something at {toldMs} ms");
            }
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new SimulationFailedException(char.ToUpperInvariant(otherwise[0]) + otherwise[1..] + ".");
    }
}

/// <summary>What came of it.</summary>
internal sealed class StreamCounts
{
    public long Published;
    public long Delivered;
    public long Told;
    public long Repeated;
    public long Overflows;
}
