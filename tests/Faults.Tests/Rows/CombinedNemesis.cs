using Warroom.Faults.Harness;
using Warroom.Faults.History;

namespace Warroom.Faults.Rows;

/// <summary>
/// Faults one after another and two at a time at most, all healed at the end. Which, whom and when is decided by the seed before the first begins: rounds of all kinds, each round in an order of its own, 5 to 15 s from one beginning to
/// the next. A supervisor starts again what ended by itself.
/// </summary>
internal sealed class CombinedNemesis
{
    private const int AtOnceMax = 2;
    private readonly FaultRun _run;
    private readonly Random _random;
    private readonly List<string> _log = [];
    private readonly Lock _gate = new();
    private readonly HashSet<WarroomProcess> _busy = [];

    public CombinedNemesis(FaultRun run)
    {
        _run = run;
        _random = new Random(run.Workload.Seed);
    }

    private enum Kind
    {
        SiloKilled,
        SiloStopped,
        FrontEndKilled,
        RepliesLost,
        DatabaseKilled,
        Resets,
    }

    /// <summary>What was done, and when.</summary>
    public IReadOnlyList<string> Log => _log;

    /// <summary>Goes on for so long, and at least until each kind has been there.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var begin = HistoryFile.Now;
        var running = new List<(Kind Kind, Task Task)>();
        for (var round = 0; ; round++)
        {
            foreach (var (kind, pause, pick) in Round())
            {
                await FaultRun.ForAsync(pause);
                while (running.Count == AtOnceMax || running.Exists(one => one.Kind == kind))
                {
                    await Task.WhenAny(running.Select(one => one.Task));
                    foreach (var ended in running.Where(one => one.Task.IsCompleted))
                        await ended.Task;
                    running.RemoveAll(one => one.Task.IsCompleted);
                }

                if (round > 0 && HistoryFile.Now - begin >= time.TotalNanoseconds)
                {
                    await Task.WhenAll(running.Select(one => one.Task));
                    return;
                }

                running.Add((kind, BeginAsync(kind, pick, begin)));
            }
        }
    }

    private List<(Kind Kind, TimeSpan Pause, int Pick)> Round()
    {
        var kinds = Enum.GetValues<Kind>();
        _random.Shuffle(kinds);
        return [.. kinds.Select(kind => (kind, TimeSpan.FromSeconds(5 + (10 * _random.NextDouble())), _random.Next(6)))];
    }

    private Task BeginAsync(Kind kind, int pick, long begin)
    {
        var target = kind == Kind.DatabaseKilled ? null : Take(kind == Kind.FrontEndKilled ? _run.Topology.FrontEnds : _run.Topology.Silos, pick);
        _log.Add($"{(HistoryFile.Now - begin) / 1e9,6:0.0} s  {kind} {target?.Name}");
        return kind switch
        {
            Kind.SiloKilled => FreeAsync(target!, KillAsync("silo killed", target!, TimeSpan.FromSeconds(6))),
            Kind.SiloStopped => FreeAsync(target!, ClusterFaults.FreezeAsync(_run, target!, TimeSpan.FromSeconds(7))),
            Kind.FrontEndKilled => FreeAsync(target!, KillAsync("front end killed", target!, TimeSpan.FromSeconds(3))),
            Kind.RepliesLost => FreeAsync(target!, BlackholeAsync(target!)),
            Kind.DatabaseKilled => _run.InjectAsync("database killed", _run.Topology.Postgres.KillAsync, TimeSpan.Zero, () => _run.Topology.Postgres.StartAgainAsync()),
            _ => FreeAsync(target!, ResetAsync(target!)),
        };
    }

    // The next that nothing is done to: there is one more of each than may be at once.
    private WarroomProcess Take(IReadOnlyList<WarroomProcess> processes, int pick)
    {
        lock (_gate)
        {
            var free = Enumerable.Range(pick, processes.Count).Select(number => processes[number % processes.Count]).First(process => !_busy.Contains(process));
            _busy.Add(free);
            return free;
        }
    }

    private async Task FreeAsync(WarroomProcess process, Task fault)
    {
        await fault;
        await process.ReadyAgainAsync();
        lock (_gate)
            _busy.Remove(process);
    }

    private Task KillAsync(string fault, WarroomProcess process, TimeSpan time) => _run.InjectAsync(fault, process.KillAsync, time, process.ReadyAgainAsync);

    private Task BlackholeAsync(WarroomProcess silo) =>
        _run.InjectAsync("replies lost", () => _run.Topology.LinkOf(silo).SetAsync(new { blackhole = "s2c" }), TimeSpan.FromSeconds(8), _run.Topology.LinkOf(silo).HealAsync);

    private async Task ResetAsync(WarroomProcess silo)
    {
        var link = _run.Topology.LinkOf(silo);
        var forward = _random.Next(2) == 0;
        await _run.InjectAsync(
            "resets around commits",
            () => link.SetAsync(new { holdReply = new { request = "\"kind\":\"", reply = "Z\\x00\\x00\\x00\\x05I$", forward, probability = 0.2 } }),
            TimeSpan.FromSeconds(5),
            link.HealAsync);
        _run.Saw("resets around commits", await DatabaseFaults.BrokenAsync([link], forward));
    }
}
