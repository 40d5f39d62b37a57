using Warroom.Faults.Harness;
using Warroom.Faults.History;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>What is done to silos and front ends, for the rows and for their controls alike.</summary>
internal static class ClusterFaults
{
    private const string Faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

    /// <summary>Three silos and two front ends, each a process.</summary>
    public static TopologyOptions Cluster { get; } = new()
    {
        Silos = 3,
        FrontEnds = 2,
        // Whoever probes a process that ends has a second in which to see that it said so.
        Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Shutdown__NotReadyTime"] = "00:00:01" },
    };

    /// <summary>Where libfaketime is; it is not everywhere.</summary>
    public static string FaketimeLibrary => Faketime;

    /// <summary>The same with a slow way to the database, so that at any moment something is on its way: a kill then hits it for certain.</summary>
    public static TopologyOptions SlowCluster { get; } = Cluster with { Proxied = true };

    /// <summary>Makes the ways to the database slow.</summary>
    public static async Task SlowDownAsync(FaultRun run)
    {
        foreach (var silo in run.Topology.Silos)
            await run.Topology.LinkOf(silo).SetAsync(new { delayMs = 40, jitterMs = 20 });
    }

    /// <summary>One silo after the other is killed, and started again when the others have taken over.</summary>
    public static async Task KillSilosAsync(FaultRun run, int kills)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            var silo = run.Topology.Silos[kill % run.Topology.Silos.Count];
            await FaultRun.ForAsync(TimeSpan.FromSeconds(1));
            await run.InjectAsync("silo killed", silo.KillAsync, TimeSpan.FromSeconds(8), silo.StartAsync);
        }
    }

    /// <summary>All silos killed at the same moment, and started again.</summary>
    public static async Task KillAllAsync(FaultRun run)
    {
        await FaultRun.ForAsync(TimeSpan.FromSeconds(2));
        await run.InjectAsync("all silos killed", () => Task.WhenAll(run.Topology.Silos.Select(silo => silo.KillAsync())), TimeSpan.Zero, async () =>
        {
            foreach (var silo in run.Topology.Silos)
                silo.Launch();
            foreach (var silo in run.Topology.Silos)
                await silo.ReadyAsync();
        });
        await FaultRun.ForAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>A silo stands still, and goes on as if nothing had been; should it end, it is started again.</summary>
    public static async Task FreezeAsync(FaultRun run, WarroomProcess silo, TimeSpan time)
    {
        await run.InjectAsync(
            "silo stopped",
            () =>
            {
                silo.Freeze();
                return Task.CompletedTask;
            },
            time,
            () =>
            {
                silo.Thaw();
                return Task.CompletedTask;
            });
        await FaultRun.ForAsync(TimeSpan.FromSeconds(3));
    }

    /// <summary>A silo's cable is pulled, and plugged in again; whether it had noticed by itself by then. Should it end, it is started again.</summary>
    public static async Task<bool> PartitionAsync(FaultRun run, WarroomProcess silo, TimeSpan time)
    {
        var network = run.Topology.Network!;
        var noticed = false;
        await run.InjectAsync("silo cut off", () => network.CutAsync(silo.Name), time, () =>
        {
            noticed = WasFenced(silo);
            return network.JoinAsync(silo.Name);
        });
        await FaultRun.ForAsync(TimeSpan.FromSeconds(3));
        return noticed;
    }

    /// <summary>The last front end is killed, and not started again before its viewers are elsewhere; how long each that stays by itself took to be given more.</summary>
    public static async Task<Percentiles> KillFrontEndAsync(FaultRun run)
    {
        var frontEnd = run.Topology.FrontEnds[^1];
        var killed = 0L;
        await run.InjectAsync(
            "front end killed",
            async () =>
            {
                killed = HistoryFile.Now;
                await frontEnd.KillAsync();
            },
            TimeSpan.FromSeconds(6),
            frontEnd.StartAsync);
        var cuts = run.History.Records().OfType<Watched>().Where(watched => watched.T > killed && watched.T < killed + 2_000_000_000 && watched.Change == Watching.Cut && watched.Viewer.EndsWith("-steady", StringComparison.Ordinal)).Select(watched => watched.Viewer).ToHashSet();
        return new(run.History.Records().OfType<Received>().Where(received => received.T > killed && received.Via == Via.Resume && received.Applied && cuts.Contains(received.Viewer))
            .GroupBy(received => received.Viewer).Select(group => (group.Min(received => received.T) - killed) / 1e6));
    }

    /// <summary>The first front end is told to end (the one to which all are gone if the last was killed before); whether it said that it is not ready before it was gone, and its exit code.</summary>
    public static async Task<(bool IsNotReadyFirst, int ExitCode)> EndFrontEndAsync(FaultRun run)
    {
        var frontEnd = run.Topology.FrontEnds[0];
        var isNotReadyFirst = false;
        var exitCode = -1;
        await run.InjectAsync(
            "front end told to end",
            async () =>
            {
                frontEnd.SendTerminate();
                await Testing.Eventually.HoldsAsync("the front end to say that it is not ready, or to be gone", async () => (isNotReadyFirst = await frontEnd.StatusAsync("ready") == 503) || !frontEnd.IsRunning);
                exitCode = await frontEnd.EndedAsync("after SIGTERM");
            },
            TimeSpan.FromSeconds(1),
            frontEnd.StartAsync);
        return (isNotReadyFirst, exitCode);
    }

    /// <summary>Whether a silo noticed that its lease had run out, and served nothing from then on.</summary>
    public static bool WasFenced(WarroomProcess silo) =>
        silo.Log().Any(line => line.Contains("has run out: it serves nothing", StringComparison.Ordinal) || line.Contains("is out of its cluster", StringComparison.Ordinal));

    /// <summary>Whether a silo ended its service by its own clock, and not because it was told.</summary>
    public static bool SawItsLeaseEnd(WarroomProcess silo) => silo.Log().Any(line => line.Contains("has run out: it serves nothing", StringComparison.Ordinal));

    /// <summary>From the first start of a fault to the first acknowledgement of something begun after it.</summary>
    public static double FirstAckAfterMs(FaultRun run, string fault)
    {
        var history = run.History.Records();
        var start = history.OfType<Nemesis>().First(nemesis => nemesis.Fault == fault && nemesis.Phase == FaultPhase.Start).T;
        var begun = history.OfType<Invoked>().GroupBy(invoked => invoked.OpId).Where(group => group.First().T > start && group.First().Kind != OperationKind.Read).Select(group => group.Key).ToHashSet();
        return (history.OfType<Returned>().First(returned => returned.Type == Outcome.Ok && begun.Contains(returned.OpId)).T - start) / 1e6;
    }

    /// <summary>Operations that somebody asked for before a moment and that had neither an acknowledgement nor a refusal some time after it.</summary>
    public static IReadOnlyList<Guid> Unanswered(IReadOnlyList<HistoryRecord> history, long moment, TimeSpan within)
    {
        var answered = history.OfType<Returned>().Where(returned => returned.Type is Outcome.Ok or Outcome.Refused && returned.T < moment + within.TotalNanoseconds).Select(returned => returned.OpId).ToHashSet();
        return [.. history.OfType<Invoked>().Where(invoked => invoked.T < moment && invoked.Kind != OperationKind.Read && !answered.Contains(invoked.OpId)).Select(invoked => invoked.OpId).Distinct()];
    }

    public static async Task SkipWithoutNetworkAsync(string row)
    {
        if (await TestNetwork.ReasonAgainstAsync() is { } reason)
        {
            Table.Write($"{row,-44} | SKIPPED: {reason}. What happens to a silo that is cut off is NOT shown by this run.");
            Assert.Skip(reason);
        }
    }

    public static void SkipWithoutFaketime(string row)
    {
        if (!File.Exists(Faketime))
        {
            Table.Write($"{row,-44} | SKIPPED: {Faketime} is not here (Debian: faketime). What a wrong clock does is NOT shown by this run.");
            Assert.Skip($"{Faketime} is not here");
        }
    }

    /// <summary>A file that tells libfaketime what time it is.</summary>
    public static string ClockFile()
    {
        var file = Path.Combine(Binaries.Results, $"clock-{Guid.NewGuid():N}");
        File.WriteAllText(file, "+0\n");
        return file;
    }

    /// <summary>A silo's wall clock runs away: ten seconds further every third of a second.</summary>
    public static async Task RaceAsync(FaultRun run, string clockFile, int jumps)
    {
        var before = await EventsFromElsewhenAsync(run);
        await run.InjectAsync(
            "clock races",
            async () =>
            {
                for (var jump = 1; jump <= jumps; jump++)
                {
                    await File.WriteAllTextAsync(clockFile, $"+{7_200 + (jump * 10)}\n");
                    await FaultRun.ForAsync(TimeSpan.FromMilliseconds(300));
                }
            },
            TimeSpan.Zero,
            () => Task.CompletedTask);
        run.Saw("clock races", await EventsFromElsewhenAsync(run) - before);
    }

    /// <summary>Events whose time is an hour or more from that of the database.</summary>
    public static Task<long> EventsFromElsewhenAsync(FaultRun run) =>
        DatabaseFaults.CountAsync(run, "SELECT count(*) FROM timeline_events WHERE abs(extract(epoch FROM recorded_at - (body->>'at')::timestamptz)) > 3600");
}
