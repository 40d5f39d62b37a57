using Npgsql;

using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;
using Warroom.Faults.Workload;
using Warroom.Testing;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>
/// One row of the fault matrix: a running Warroom, people who work on it and look at it, a nemesis, and the checker's verdict. <see cref="StartAsync"/>, then faults through <see cref="InjectAsync"/>, then <see cref="JudgeAsync"/>.
/// </summary>
public sealed class FaultRun : IAsyncDisposable
{
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _writing = new();
    private readonly CancellationTokenSource _viewing = new();
    private readonly List<Writer> _writers = [];
    private readonly List<Viewer> _viewers = [];
    private readonly Gate _gate;
    private IReadOnlyList<string> _findings = [];
    private Task _running = Task.CompletedTask;
    private Task _looking = Task.CompletedTask;

    private FaultRun(string row, Topology topology, WorkloadOptions workload)
    {
        Row = row;
        Topology = topology;
        Workload = workload;
        _gate = new(this);
        History = new(Path.Combine(Binaries.Results, $"{string.Concat(row.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-'))}{(topology.Options.Mutation is null ? "" : "-control")}.jsonl"));
    }

    /// <summary>Number and name, for the table.</summary>
    public string Row { get; }

    public Topology Topology { get; }

    public WorkloadOptions Workload { get; }

    public HistoryFile History { get; }

    public IReadOnlyList<Guid> Incidents { get; private set; } = [];

    public IReadOnlyList<Viewer> Viewers => _viewers;

    /// <summary>Memory before and after, in words; only once judged.</summary>
    public string Memory => _gate.Memory;

    /// <summary>The usual work, with the seed of this run.</summary>
    public static WorkloadOptions Work => new() { Seed = Seed() };

    /// <summary>The seed of this run: that of WARROOM_FAULT_SEED, or another each time; of a control always the same. It is printed.</summary>
    public static int Seed() => int.TryParse(Environment.GetEnvironmentVariable("WARROOM_FAULT_SEED"), out var given) ? given : Control.Current is null ? (int)(HistoryFile.Now % 1_000_000) : Control.Seed;

    /// <summary>Starts everything and returns when work is going on.</summary>
    public static async Task<FaultRun> StartAsync(string row, TopologyOptions topology, WorkloadOptions workload)
    {
        if (Control.Current is { } control)
            (topology, workload) = control.Change(topology, workload);

        // To look for the cause of something: a run without viewers.
        var run = new FaultRun(row, await Topology.StartAsync(topology), Environment.GetEnvironmentVariable("WARROOM_FAULT_VIEWERS") == "0" ? workload with { Viewers = 0 } : workload);
        try
        {
            await run.StartAsync();
            if (Control.Current is { IsSlow: true })
                await ClusterFaults.SlowDownAsync(run);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Injects a fault, lets it work, heals it; the history has its beginning and its end.</summary>
    public async Task InjectAsync(string fault, Func<Task> inject, TimeSpan lasts, Func<Task> heal)
    {
        History.Add(new Nemesis(fault, FaultPhase.Start));
        await inject();
        await ForAsync(lasts);
        await heal();
        History.Add(new Nemesis(fault, FaultPhase.Stop));
    }

    /// <summary>The nemesis saw for itself what its fault did.</summary>
    public void Saw(string fault, long count)
    {
        if (count > 0)
            History.Add(new Nemesis(fault, FaultPhase.Effect, count));
    }

    /// <summary>Lets work go on for a while.</summary>
    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    /// <summary>
    /// After the last fault: a little more work, then quiet until every viewer has everything or half a minute is over; the verdict; one line of the table. Returns the report, so that a row can ask for more.
    /// </summary>
    public async Task<(CheckReport Report, Figures Figures)> JudgeAsync(TimeSpan? after = null)
    {
        await Topology.AllReadyAsync();
        await ForAsync(after ?? TimeSpan.FromSeconds(2));
        foreach (var viewer in _viewers)
            viewer.Calm();
        await _writing.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromMinutes(2));
        await QuietAsync();
        _findings = await _gate.CloseAsync();
        await _viewing.CancelAsync();
        await _looking.WaitAsync(TimeSpan.FromSeconds(60));

        var history = History.Records();
        var report = HistoryChecker.Check(history, await FinalRead.ReadAsync(Topology.DirectConnection));
        var figures = Figures.Of(history);
        Table.Add(this, report, figures);
        Control.Current?.Judged(this, report);
        return (report, figures);
    }

    /// <summary>The common gate of all rows: nothing found by the checker, and nothing by <see cref="Gate"/>.</summary>
    public void AssertHeld(CheckReport report)
    {
        Assert.True(report.Violations.Count == 0, $"{Row}, seed {Workload.Seed}:{Environment.NewLine}{report.Describe(History.Records())}{Environment.NewLine}History: {Binaries.Results}");
        Assert.True(_findings.Count == 0, $"{Row}, seed {Workload.Seed}: {string.Join(Environment.NewLine, _findings)}");
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.CancelAsync();
        await _viewing.CancelAsync();
        foreach (var writer in _writers)
            writer.Dispose();
        await Topology.DisposeAsync();
        await Task.WhenAny(Task.WhenAll(_running, _looking), Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System));
        await History.DisposeAsync();
        _writing.Dispose();
        _viewing.Dispose();
    }

    private async Task StartAsync()
    {
        var addresses = Topology.FrontEnds.Select(process => process.Address).ToList();
        var random = new Random(Workload.Seed);
        Incidents = await OpenAsync(addresses, random);
        for (var number = 1; number <= Workload.Writers; number++)
            _writers.Add(new(number, Incidents, addresses, History, Workload));
        var zipf = new Zipf(Incidents.Count);
        for (var number = 1; number <= Workload.Viewers; number++)
        {
            var watched = Enumerable.Range(0, 3).Select(_ => Incidents[zipf.Next(random)]).Distinct().ToList();
            _viewers.Add(new($"viewer{number}-{TemperOf(number).ToString().ToLowerInvariant()}", TemperOf(number), watched, addresses, History, new Random(HashCode.Combine(Workload.Seed, number, 2))));
        }

        _looking = Task.WhenAll(_viewers.Select(viewer => Task.Run(() => viewer.RunAsync(_viewing.Token))));
        _running = Task.WhenAll(_writers.Select(writer => Task.Run(() => writer.RunAsync(_writing.Token))));
        await Eventually.HoldsAsync("work to go on", () => History.Records().OfType<Returned>().Count(returned => returned.Type == Outcome.Ok) > Workload.Incidents + (Workload.Writers * 2) || _running.IsCompleted);
        await Eventually.HoldsAsync("all viewers that stay to look", () => _viewers.TrueForAll(viewer => viewer.IsLive || !viewer.Stays), TimeSpan.FromMinutes(1));
        await _gate.OpenAsync();
    }

    private async Task<List<Guid>> OpenAsync(IReadOnlyList<Uri> addresses, Random random)
    {
        using var client = new Client("opener", addresses, History, random);
        var incidents = new List<Guid>();
        for (var number = 1; number <= Workload.Incidents; number++)
        {
            // The incident's id is the operation's, which is a version 7 UUID.
            var id = Guid.CreateVersion7();
            var opened = await client.SendAsync(new(id, OperationKind.Open, id, HttpMethod.Post, "api/incidents", new { title = $"Incident {number} of seed {Workload.Seed}", severity = "high" }), CancellationToken.None);
            incidents.Add(opened!.Value.GetProperty("id").GetGuid());
        }

        return incidents;
    }

    // Of twenty viewers four flap, two are slow, one switches, one begins again.
    private Temper TemperOf(int number) => !Workload.RestlessViewers ? Temper.Steady : (number % 20) switch
    {
        1 or 6 or 11 or 16 => Temper.Flapping,
        2 or 12 => Temper.Slow,
        3 => Temper.Switching,
        4 => Temper.Restarting,
        _ => Temper.Steady,
    };

    // Whether it is quiet is asked of the database: the checker says afterwards whether that was right.
    private async Task QuietAsync()
    {
        var versions = new Dictionary<Guid, long>();
        await using var connection = new NpgsqlConnection(Topology.DirectConnection);
        await connection.OpenAsync();
        await using (var command = new NpgsqlCommand("SELECT incident_id, max(seq) FROM timeline_events GROUP BY incident_id", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                versions[reader.GetGuid(0)] = reader.GetInt64(1);
        }

        var begin = HistoryFile.Now;
        while (_viewers.Exists(viewer => viewer.Positions().Any(position => position.Last < versions.GetValueOrDefault(position.Incident))) && HistoryFile.Now - begin < QuietMax.TotalNanoseconds)
            await ForAsync(TimeSpan.FromMilliseconds(50));
    }
}
