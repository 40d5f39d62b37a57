using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>Faults of silos and front ends: three silos, two front ends, one database.</summary>
public sealed class ClusterRows(ITestOutputHelper output)
{
    // The selection of every ./test: one cluster, one fault after the other, one verdict over all of it.
    [Fact]
    public async Task Rows_01_02_05_06_Silo_killed_and_stopped_front_end_killed_and_ended()
    {
        await using var run = await FaultRun.StartAsync("01, 02, 05, 06 on one cluster", ClusterFaults.SlowCluster, FaultRun.Work with { Viewers = 40 });
        await ClusterFaults.SlowDownAsync(run);
        await ClusterFaults.KillSilosAsync(run, kills: 1);
        await ClusterFaults.FreezeAsync(run, run.Topology.Silos[1], TimeSpan.FromSeconds(7));
        await run.Topology.AllReadyAsync();
        await Testing.Eventually.HoldsAsync("most viewers to look", () => run.Viewers.Count(viewer => viewer.IsLive) > run.Viewers.Count / 2);
        var resumes = await ClusterFaults.KillFrontEndAsync(run);
        await using var chats = await Chats.StartAsync(run, sessions: 4);
        var (isNotReadyFirst, exitCode) = await ClusterFaults.EndFrontEndAsync(run);
        await chats.EndedAsync();
        var (report, figures) = await run.JudgeAsync();
        run.AssertHeld(report);
        output.WriteLine(DatabaseFaults.Codes(run.History.Records()));
        Assert.True(report.OwnershipMoves > 0, "No incident moved.");
        Assert.InRange(figures.Recovery.P99, 0, 10_000);
        Assert.InRange(resumes.P99, 0, 5_000);
        Assert.True(isNotReadyFirst, "/ready did not say no before the process ended.");
        Assert.Equal(0, exitCode);
        Assert.All(await chats.EndsAsync(), end => Assert.Equal(RunEnd.Done, end));
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row01_Silo_killed_under_load_twenty_times() => Row01Async(kills: 20);

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row02_Silo_stands_still_for_5_20_and_60_seconds() => Row02Async([5, 20, 60]);

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row04_All_silos_killed_at_once()
    {
        await using var run = await FaultRun.StartAsync("04 all silos SIGKILL", ClusterFaults.SlowCluster, FaultRun.Work);
        await ClusterFaults.SlowDownAsync(run);
        await ClusterFaults.KillAllAsync(run);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        Assert.True(report.OwnershipMoves > 0, "No incident moved.");
        Assert.InRange(ClusterFaults.FirstAckAfterMs(run, "all silos killed"), 0, 15_000);
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row05_Front_end_killed_with_500_viewers() => Row05Async(viewers: 500);

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row06_Front_end_ends_during_replies()
    {
        await using var run = await FaultRun.StartAsync("06 front end SIGTERM during replies", ClusterFaults.Cluster, FaultRun.Work with { Viewers = 4, Rate = 20 });
        await using var chats = await Chats.StartAsync(run, sessions: 6);
        var (isNotReadyFirst, exitCode) = await ClusterFaults.EndFrontEndAsync(run);
        await chats.EndedAsync();
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        Assert.True(chats.Viewers.All(viewer => viewer.Reconnects > 0), "A viewer was not on that front end.");
        Assert.True(isNotReadyFirst, "/ready did not say no before the process ended.");
        Assert.Equal(0, exitCode);
        Assert.All(await chats.EndsAsync(), end => Assert.Equal(RunEnd.Done, end));
        Assert.True(await chats.AllWholeAsync(), "A viewer lacks a part of its reply.");
    }

    [Fact]
    public async Task Row08_Silo_cut_off_from_the_rest_and_the_database()
    {
        await ClusterFaults.SkipWithoutNetworkAsync("08 partition of one silo");
        await using var run = await FaultRun.StartAsync("08 partition of one silo", ClusterFaults.Cluster with { Networked = true }, FaultRun.Work);
        var silo = run.Topology.Silos[0];
        var noticed = await ClusterFaults.PartitionAsync(run, silo, TimeSpan.FromSeconds(12));
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);

        // It noticed by itself, while it was alone, and served nothing more.
        Assert.True(noticed, $"{silo.Name} did not notice that its lease had run out.");
        Assert.True(report.OwnershipMoves > 0, "No incident moved.");
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row10_Replies_of_the_database_lost()
    {
        await using var run = await FaultRun.StartAsync("10 replies of the database lost", ClusterFaults.Cluster with { Proxied = true }, FaultRun.Work with { SentOnce = 0 });
        var silo = run.Topology.Silos[1];
        var link = run.Topology.LinkOf(silo);
        using var supervision = new CancellationTokenSource();
        var supervising = run.Topology.SuperviseAsync(supervision.Token);
        await run.InjectAsync("replies lost", () => link.SetAsync(new { blackhole = "s2c" }), TimeSpan.FromSeconds(12), link.HealAsync);
        var healed = HistoryFile.Now;
        await FaultRun.ForAsync(TimeSpan.FromSeconds(5));
        await supervision.CancelAsync();
        await supervising;
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        output.WriteLine(DatabaseFaults.Codes(run.History.Records()));

        // Whoever asked in the dark, and goes on asking, has an answer within half a minute after the light came back.
        var open = ClusterFaults.Unanswered(run.History.Records(), healed, TimeSpan.FromSeconds(30));
        Assert.True(open.Count == 0, $"{open.Count} operations stayed unknown for more than half a minute: {string.Join(", ", open.Take(5))}");
        Assert.True(report.UnknownAttempts > 0, "No answer was lost.");
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row27_Wall_clock_of_a_silo_jumps()
    {
        var jumps = ClusterFaults.ClockFile();
        ClusterFaults.SkipWithoutFaketime("27 wall clock jumps");
        await using var run = await FaultRun.StartAsync("27 wall clock +2 h, -2 h, back", ClusterFaults.Cluster with { ClockFiles = new Dictionary<string, string>(StringComparer.Ordinal) { ["silo1"] = jumps } }, FaultRun.Work);
        foreach (var jump in (string[])["+2h", "-2h"])
        {
            var before = await ClusterFaults.EventsFromElsewhenAsync(run);
            await run.InjectAsync($"clock {jump}", () => File.WriteAllTextAsync(jumps, $"{jump}\n"), TimeSpan.FromSeconds(6), () => Task.CompletedTask);
            run.Saw($"clock {jump}", await ClusterFaults.EventsFromElsewhenAsync(run) - before);
        }

        await File.WriteAllTextAsync(jumps, "+0\n");
        await FaultRun.ForAsync(TimeSpan.FromSeconds(3));
        await ClusterFaults.RaceAsync(run, jumps, 20);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        Assert.True(run.Topology.Silos.All(silo => silo.IsRunning && !ClusterFaults.WasFenced(silo)), "A silo lost its lease by the wall clock.");
        Assert.Equal(0, report.OwnershipMoves);
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row47_Everything_together_for_two_minutes()
    {
        var minutes = double.TryParse(Environment.GetEnvironmentVariable("WARROOM_FAULT_MINUTES"), out var given) ? given : 2;
        await using var run = await FaultRun.StartAsync("47 combined nemesis", ClusterFaults.Cluster with { Proxied = true }, FaultRun.Work with { Viewers = 30 });
        var scheduler = new CombinedNemesis(run);
        await scheduler.RunAsync(TimeSpan.FromMinutes(minutes));
        output.WriteLine(string.Join(Environment.NewLine, scheduler.Log));
        var (report, _) = await run.JudgeAsync(TimeSpan.FromSeconds(10));
        run.AssertHeld(report);
    }

    internal async Task Row01Async(int kills)
    {
        await using var run = await FaultRun.StartAsync($"01 silo SIGKILL, {kills} times", ClusterFaults.SlowCluster, FaultRun.Work);
        await ClusterFaults.SlowDownAsync(run);
        await ClusterFaults.KillSilosAsync(run, kills);
        var (report, figures) = await run.JudgeAsync();
        run.AssertHeld(report);
        output.WriteLine(DatabaseFaults.Codes(run.History.Records()));
        Assert.True(report.OwnershipMoves > 0, "No incident moved.");
        Assert.InRange(figures.Recovery.P99, 0, 10_000);
    }

    internal static async Task Row02Async(int[] seconds)
    {
        await using var run = await FaultRun.StartAsync($"02 silo SIGSTOP {string.Join('/', seconds)} s", ClusterFaults.SlowCluster, FaultRun.Work);
        await ClusterFaults.SlowDownAsync(run);
        foreach (var (number, pause) in seconds.Index())
        {
            await ClusterFaults.FreezeAsync(run, run.Topology.Silos[number % run.Topology.Silos.Count], TimeSpan.FromSeconds(pause));
            await run.Topology.AllReadyAsync();
            await FaultRun.ForAsync(TimeSpan.FromSeconds(2));
        }

        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        Assert.True(report.OwnershipMoves > 0, "No incident moved.");
    }

    internal async Task Row05Async(int viewers)
    {
        await using var run = await FaultRun.StartAsync($"05 front end SIGKILL, {viewers} viewers", ClusterFaults.Cluster, FaultRun.Work with { Viewers = viewers, RestlessViewers = false, Rate = 40 });
        var resumes = await ClusterFaults.KillFrontEndAsync(run);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        output.WriteLine($"resume of {resumes.Count} viewers: {resumes} ms");
        Table.Write($"{run.Row,-44} | resume of {resumes.Count} viewers p50/p99/max {resumes} ms");
        Assert.InRange(resumes.P99, 0, 5_000);
        Assert.True(resumes.Count >= viewers / 4, $"{resumes.Count} viewers only were on that front end.");
    }
}
