using System.Collections.Immutable;
using Orleans.Embedded.Streams;
using Warroom.Frontend.Live;
using Warroom.Incidents;
using Warroom.Simulation.Processes;
using Warroom.Streams;

namespace Warroom.Simulation.Live;

/// <summary>
/// Incidents whose grains commit and publish wherever they are, front ends that follow them, and viewers that come at any time with any last number. The feeds, their keeper, the connections' outboxes and the streams under them
/// are the product's own; the cluster, the database and the pages are simulated. Whatever is lost, late, twice or out of order on the way: at the end each viewer has applied each event once, in order.
/// </summary>
internal sealed class FeedWorld
{
    private const long FaultsUntilMs = 10_000;

    /// <summary>A silo's lease, a session's silence, and some rounds of audits.</summary>
    private const long QuietMs = 25_000;

    /// <summary>So long before the end nothing happens any more that anybody would have to read the log for.</summary>
    private const long StillMs = 5_000;

    private const long AnswerMs = 45_000;

    private readonly Story _story;
    private readonly StreamCluster _cluster;
    private readonly List<FrontEnd> _frontEnds = [];
    private readonly List<SimulatedViewer> _viewers = [];
    private readonly Dictionary<(StreamProcess, Guid), long> _publishedMs = [];
    private Exception? _failure;

    public FeedWorld(int seed, LiveMutation mutation, Story story)
    {
        Random = new Random(seed);
        Mutation = mutation;
        _story = story;
        for (var i = 0; i < Random.Next(1, 3); i++) Store.Logs.Add(new Guid(i + 1, 0, 7, new byte[8]), []);
        Options = new LiveOptions
        {
            OutboxBytesMax = mutation == LiveMutation.NoBounds ? int.MaxValue : OutboxBytesMax,
            DrainTimeout = TimeSpan.FromSeconds(3),
            Linger = TimeSpan.FromSeconds(2),
            TailEventsMax = Random.Next(2) == 0 ? 500 : Random.Next(1, 40),
        };
        var bounds = new StreamBounds { SubscriberMax = 24, SessionMax = 32, OutboxMax = 24, BatchMax = 4, InFlightMax = 2 };
        _cluster = new StreamCluster(Time, Random, story, StreamMutation.None, bounds, Random.Next(1, 4), Random.Next(1, 3)) { Started = OnStarted };
    }

    public static int OutboxBytesMax => 3_000;

    public VirtualTime Time { get; } = new();

    public Random Random { get; }

    public LiveMutation Mutation { get; }

    public LiveOptions Options { get; }

    public FeedStore Store { get; } = new();

    public StreamFaults Faults => _cluster.Faults;

    public FeedCounts Counts { get; } = new();

    public void Play()
    {
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            foreach (var (id, _) in Store.Logs) Store.Append(id, Enumerable.Range(1, Random.Next(1, 60)).Select(number => $"{{\"old\":{number}}}"));
            _cluster.Begin();
            Time.After(100, Commit);
            Time.After(60, ComeOrGo);
            Time.After(25, Inspect);
            Time.After(2_000, () => _cluster.Disturb(FaultsUntilMs));
            RunUntil(FaultsUntilMs);
            _cluster.Heal();
            RunUntil(FaultsUntilMs + QuietMs - StillMs);
            var reads = _frontEnds.Sum(frontEnd => frontEnd.Reader.Reads);
            RunUntil(FaultsUntilMs + QuietMs);
            Check(_frontEnds.Sum(frontEnd => frontEnd.Reader.Reads) - reads);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
            _cluster.End();
        }
    }

    public long Latency() => Random.Next(25) == 0 ? Random.Next(20, 600) : Random.Next(1, 4);

    public bool Fails(int percent) => Time.NowMs < FaultsUntilMs && Random.Next(100) < percent;

    public FrontEnd? AnyFrontEnd()
    {
        var living = _frontEnds.FindAll(frontEnd => !frontEnd.Process.IsDead);
        return living.Count == 0 ? null : living[Random.Next(living.Count)];
    }

    public void OnFailed(Exception exception) => _failure ??= exception;

    public void Fail(string what) => _failure ??= new SimulationFailedException(what);

    private void Tell(string what)
    {
        if (_story.IsTold) _story.Add(Time.NowMs, what);
    }

    private void RunUntil(long ms)
    {
        Time.RunUntil(ms);
        if (_cluster.Escapes.First is { } where) throw new InvalidOperationException($"Something left the simulation: {where}");
        if (_failure is not null) throw _failure is SimulationFailedException ? _failure : new InvalidOperationException("The simulation is broken.", _failure);
    }

    private void OnStarted(StreamProcess process)
    {
        if (process.Address is null) _frontEnds.Add(new FrontEnd(this, process));
    }

    /// <summary>A grain commits, and publishes then. It is where a silo believes it to be; that it is in one place only is another simulation's matter.</summary>
    private void Commit()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(1, 250), Commit);
        var ids = Store.Logs.Keys.ToList();
        var id = ids[Random.Next(ids.Count)];
        var stream = WarroomStreams.Incident(id);
        var silos = _cluster.Silos.Where(silo => silo is { IsPaused: false } && silo.Mesh.HomeOf(stream) == silo.Name).ToList();
        if (silos.Count == 0) return;
        var silo = silos[Random.Next(silos.Count)];

        // Many at once overflow what is bounded.
        for (var commits = Random.Next(25) == 0 ? Random.Next(5, 30) : 1; commits > 0; commits--)
        {
            var events = Store.Append(id, Enumerable.Range(1, Random.Next(1, 4)).Select(number => $"{{\"at\":{Time.NowMs},\"number\":{number},\"by\":\"{silo}\"}}"));
            var update = new IncidentUpdate { IncidentId = id, Events = [.. events], Incident = Store.View(id) };
            Counts.Committed += events.Count;
            Tell($"{silo} commits {events[0].Seq} to {events[^1].Seq} of {id}");
            var atMs = Math.Max(_publishedMs.GetValueOrDefault((silo, id)), Time.NowMs + (Random.Next(10) == 0 ? Random.Next(5, 400) : Random.Next(0, 3)));
            _publishedMs[(silo, id)] = atMs;
            silo.After(atMs - Time.NowMs, () => _ = silo.Streams.GetStream<IncidentUpdate>(stream).OnNextAsync(update));
        }
    }

    /// <summary>Viewers come, stop reading for a while, and lose their connections.</summary>
    private void ComeOrGo()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(50, 700), ComeOrGo);
        if (_viewers.Count < 6 && Random.Next(3) == 0)
        {
            var ids = Store.Logs.Keys.ToList();
            var id = ids[Random.Next(ids.Count)];
            var start = Random.Next(2) == 0 ? 0 : Random.Next(0, Store.Logs[id].Count + 1);
            _viewers.Add(new SimulatedViewer(this, id, _viewers.Count + 1, start));
            Tell($"{_viewers[^1]} comes, with {start} of {id}");
            return;
        }

        if (_viewers.Count == 0) return;
        var viewer = _viewers[Random.Next(_viewers.Count)];
        if (viewer.Connection is not { } connection) return;
        switch (Random.Next(3))
        {
            case 0:
                Counts.Lost++;
                Tell($"{viewer} loses its connection");
                connection.Break();
                break;
            default:
                Counts.Stopped++;
                Tell($"{viewer} reads nothing for a while");
                connection.StopFor(Random.Next(10, 5_000));
                break;
        }
    }

    private void Inspect()
    {
        Time.After(Time.NowMs < FaultsUntilMs ? 25 : 500, Inspect);
        foreach (var viewer in _viewers)
        {
            if (viewer.Connection is { } connection && connection.FrontEnd.Process.IsDead) connection.Break();
            Require(viewer.WaitingBytes <= OutboxBytesMax, $"{viewer.WaitingBytes} bytes wait for {viewer}");
            Require(viewer.AskingSinceMs is not { } since || Time.NowMs - since < AnswerMs, $"{viewer} has waited for its answer for {AnswerMs} ms");
        }
    }

    private void Check(long lateReads)
    {
        foreach (var frontEnd in _frontEnds) Counts.Reads += frontEnd.Reader.Reads;
        foreach (var viewer in _viewers)
        {
            Counts.Asked += viewer.Asked;
            Counts.Behind += viewer.Behind;
            var log = Store.Logs[viewer.Incident];
            for (var i = 0; i < viewer.Applied.Count; i++)
                Require(viewer.Applied[i].Seq == viewer.Start + i + 1 && viewer.Applied[i].Hash == log[(int)viewer.Start + i].Hash, $"{viewer} applied event {viewer.Applied[i].Seq} in the place of {viewer.Start + i + 1}");
            Require(viewer.Last == log.Count, $"{viewer} has {viewer.Last} events, the log has {log.Count}");
        }

        Require(lateReads == 0, $"the log was read {lateReads} times although nothing happened any more");

        // What each event, viewer or fault may cost at most in each front end.
        var causes = Counts.Asked + Counts.Committed + ((Faults.Views + Faults.Cuts + Faults.Silences + Faults.Pauses + Faults.Kills + Faults.Slow + 1) * Store.Logs.Count);
        Require(Counts.Reads <= 2 * causes * Math.Max(1, _frontEnds.Count), $"the log was read {Counts.Reads} times for {causes} reasons");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new SimulationFailedException(char.ToUpperInvariant(otherwise[0]) + otherwise[1..] + ".");
    }
}

/// <summary>What came of it.</summary>
internal sealed class FeedCounts
{
    public long Committed;
    public long Asked;
    public long Behind;
    public long Lost;
    public long Stopped;
    public long Reads;
}
