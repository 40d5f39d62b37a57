using Orleans.Embedded.Streams;
using Warroom.Bots;
using Warroom.Frontend.Live;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Live;

/// <summary>
/// What worlds of live delivery share: logs whose grains commit and publish wherever they are, front ends that follow them, and viewers that come at any time, stop reading and lose their connections. The feeds, their keeper, the
/// connections' outboxes and the streams under them are the product's own; the cluster, the database and the pages are simulated.
/// </summary>
internal abstract class LiveWorld
{
    protected const long FaultsUntilMs = 10_000;

    /// <summary>A silo's lease, a session's silence, and some rounds of audits.</summary>
    private const long QuietMs = 25_000;

    /// <summary>So long before the end nothing happens any more that anybody would have to read the log for.</summary>
    private const long StillMs = 5_000;

    private const long AnswerMs = 45_000;

    private readonly Story _story;
    private readonly List<FrontEnd> _frontEnds = [];
    private readonly List<SimulatedViewer> _viewers = [];
    private Exception? _failure;

    protected LiveWorld(int seed, LiveMutation mutation, Story story)
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
        Cluster = new StreamCluster(Time, Random, story, StreamMutation.None, bounds, Random.Next(1, 4), Random.Next(1, 3)) { Started = OnStarted };
    }

    public static int OutboxBytesMax => 3_000;

    public VirtualTime Time { get; } = new();

    public Random Random { get; }

    public LiveMutation Mutation { get; }

    public LiveOptions Options { get; }

    public FeedStore Store { get; } = new();

    public StreamCluster Cluster { get; }

    public StreamFaults Faults => Cluster.Faults;

    public FeedCounts Counts { get; } = new();

    public void Play()
    {
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Begin();
            Cluster.Begin();
            Time.After(100, Act);
            Time.After(60, ComeOrGo);
            Time.After(25, Inspect);
            Time.After(2_000, () => Cluster.Disturb(FaultsUntilMs));
            RunUntil(FaultsUntilMs);
            Cluster.Heal();
            RunUntil(FaultsUntilMs + QuietMs - StillMs);
            var reads = Reads();
            RunUntil(FaultsUntilMs + QuietMs);
            Check(Reads() - reads);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
            Cluster.End();
        }
    }

    /// <summary>The most events that one read of a log brings, whatever is asked for.</summary>
    public virtual int PageMax => int.MaxValue;

    /// <summary>The most messages that one read of a session's history brings, whatever is asked for.</summary>
    public virtual int MessagesMax => int.MaxValue;

    /// <summary>A session's grain, as a front end calls it.</summary>
    public virtual IBotSessionGrain Grain(FrontEnd frontEnd, Guid id) => throw new NotSupportedException("There are no sessions here.");

    public long Latency() => Random.Next(25) == 0 ? Random.Next(20, 600) : Random.Next(1, 4);

    public bool Fails(int percent) => Time.NowMs < FaultsUntilMs && Random.Next(100) < percent;

    public FrontEnd? AnyFrontEnd()
    {
        var living = _frontEnds.FindAll(frontEnd => !frontEnd.Process.IsDead);
        return living.Count == 0 ? null : living[Random.Next(living.Count)];
    }

    public void OnFailed(Exception exception) => _failure ??= exception;

    public void Fail(string what) => _failure ??= new SimulationFailedException(what);

    /// <summary>Whether somebody reads the story.</summary>
    public bool IsTold => _story.IsTold;

    public void Tell(string what) => _story.Add(Time.NowMs, what);

    public static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new SimulationFailedException(char.ToUpperInvariant(otherwise[0]) + otherwise[1..] + ".");
    }

    /// <summary>Fills the logs before anybody comes.</summary>
    protected abstract void Begin();

    /// <summary>Has grains commit something, again and again.</summary>
    protected abstract void Act();

    protected abstract SimulatedViewer Come(Guid id, int number);

    /// <summary>What has to be true of a viewer at the end.</summary>
    protected abstract void Check(SimulatedViewer viewer);

    protected Guid AnyLog()
    {
        var ids = Store.Logs.Keys.ToList();
        return ids[Random.Next(ids.Count)];
    }

    private long Reads() => _frontEnds.Sum(frontEnd => frontEnd.Reader.Reads + frontEnd.Calls);

    private void RunUntil(long ms)
    {
        Time.RunUntil(ms);
        if (Cluster.Escapes.First is { } where) throw new InvalidOperationException($"Something left the simulation: {where}");
        if (_failure is not null) throw _failure is SimulationFailedException ? _failure : new InvalidOperationException("The simulation is broken.", _failure);
    }

    private void OnStarted(StreamProcess process)
    {
        if (process.Address is null) _frontEnds.Add(new FrontEnd(this, process));
    }

    /// <summary>Viewers come, stop reading for a while, and lose their connections.</summary>
    private void ComeOrGo()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(50, 700), ComeOrGo);
        if (_viewers.Count < 6 && Random.Next(3) == 0)
        {
            _viewers.Add(Come(AnyLog(), _viewers.Count + 1));
            Tell($"{_viewers[^1]} comes, with {_viewers[^1].Last} of {_viewers[^1].Topic}");
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
        Counts.Reads += Reads();
        foreach (var viewer in _viewers)
        {
            Counts.Asked += viewer.Asked;
            Counts.Behind += viewer.Behind;
            Check(viewer);
        }

        Require(lateReads == 0, $"the log was read {lateReads} times although nothing happened any more");

        // What each event, viewer or fault may cost at most in each front end.
        var causes = Counts.Asked + Counts.Committed + ((Faults.Views + Faults.Cuts + Faults.Silences + Faults.Pauses + Faults.Kills + Faults.Slow + 1) * Store.Logs.Count);
        Require(Counts.Reads <= 2 * causes * Math.Max(1, _frontEnds.Count), $"the log was read {Counts.Reads} times for {causes} reasons");
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

    /// <summary>How often a viewer was answered with a reply in flight of which there was something already.</summary>
    public long HalfWay;
}
