using Warroom.Faults.Harness;
using Warroom.Faults.History;

namespace Warroom.Faults.Rows;

/// <summary>Faults that come by chance, seeded: the mean time between two beginnings is 15 s, at most two at once, all healed at the end. A supervisor starts again what ended by itself.</summary>
internal sealed class CombinedNemesis
{
    private const double MeanSeconds = 15;
    private readonly FaultRun _run;
    private readonly Random _random;
    private readonly List<string> _log = [];
    private readonly HashSet<WarroomProcess> _busy = [];
    private bool _databaseIsBusy;

    public CombinedNemesis(FaultRun run)
    {
        _run = run;
        _random = new Random(run.Workload.Seed);
    }

    /// <summary>What was done, and when.</summary>
    public IReadOnlyList<string> Log => _log;

    public async Task RunAsync(TimeSpan time)
    {
        var begin = HistoryFile.Now;
        var running = new List<Task>();
        while (HistoryFile.Now - begin < time.TotalNanoseconds)
        {
            await FaultRun.ForAsync(TimeSpan.FromSeconds(Math.Clamp(-MeanSeconds * Math.Log(1 - _random.NextDouble()), 2, 30)));
            running.RemoveAll(task => task.IsCompleted);
            if (running.Count < 2 && Choose() is { } fault)
            {
                _log.Add($"{(HistoryFile.Now - begin) / 1e9,6:0.0} s  {fault.Name}");
                running.Add(fault.Run());
            }
        }

        await Task.WhenAll(running);
    }

    private (string Name, Func<Task> Run)? Choose()
    {
        var silo = _run.Topology.Silos[_random.Next(_run.Topology.Silos.Count)];
        var frontEnd = _run.Topology.FrontEnds[_random.Next(_run.Topology.FrontEnds.Count)];
        return _random.Next(6) switch
        {
            0 when _busy.Add(silo) => ($"{silo.Name} killed", () => FreeAsync(silo, _run.InjectAsync("silo killed", silo.KillAsync, TimeSpan.FromSeconds(6), silo.StartAsync))),
            1 when _busy.Add(silo) => ($"{silo.Name} stopped for 7 s", () => FreeAsync(silo, FreezeAsync(silo))),
            2 when _busy.Add(frontEnd) => ($"{frontEnd.Name} killed", () => FreeAsync(frontEnd, _run.InjectAsync("front end killed", frontEnd.KillAsync, TimeSpan.FromSeconds(3), frontEnd.StartAsync))),
            3 when _busy.Add(silo) => ($"{silo.Name} gets no replies of the database for 8 s", () => FreeAsync(silo, BlackholeAsync(silo))),
            4 when !_databaseIsBusy => ("database killed", KillDatabaseAsync),
            5 when _busy.Add(silo) => ($"{silo.Name}: resets around commits", () => FreeAsync(silo, ResetAsync(silo))),
            _ => null,
        };
    }

    private async Task FreeAsync(WarroomProcess process, Task fault)
    {
        await fault;
        if (!process.IsRunning)
            process.Launch();
        await process.ReadyAsync();
        _run.Saw("combined", 1);
        _busy.Remove(process);
    }

    private async Task KillDatabaseAsync()
    {
        _databaseIsBusy = true;
        await _run.InjectAsync("database killed", _run.Topology.Postgres.KillAsync, TimeSpan.Zero, () => _run.Topology.Postgres.StartAgainAsync());
        _run.Saw("database killed", 1);
        _databaseIsBusy = false;
    }

    private Task FreezeAsync(WarroomProcess silo) => ClusterFaults.FreezeAsync(_run, silo, TimeSpan.FromSeconds(7));

    private Task BlackholeAsync(WarroomProcess silo) =>
        _run.InjectAsync("replies lost", () => _run.Topology.LinkOf(silo).SetAsync(new { blackhole = "s2c" }), TimeSpan.FromSeconds(8), _run.Topology.LinkOf(silo).HealAsync);

    private Task ResetAsync(WarroomProcess silo) => _run.InjectAsync(
        "resets around commits",
        () => _run.Topology.LinkOf(silo).SetAsync(new { holdReply = new { request = "\"kind\":\"", reply = "Z\\x00\\x00\\x00\\x05I$", forward = _random.Next(2) == 0, probability = 0.2 } }),
        TimeSpan.FromSeconds(5),
        _run.Topology.LinkOf(silo).HealAsync);
}
