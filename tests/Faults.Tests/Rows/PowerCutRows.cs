using Npgsql;

using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;
using Warroom.Testing;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>
/// Row 23: the power goes. The database is on a file system in a file; a copy of the file is what the disk would hold at that moment (nothing that was only in memory). Killing processes can never show a missing
/// flush, for the page cache outlives them.
/// </summary>
public sealed class PowerCutRows(ITestOutputHelper output)
{
    [Fact]
    public async Task Row23_Power_cut_loses_nothing_that_was_acknowledged()
    {
        var (lost, others, cuts) = await DrillAsync("23 power cut", cuts: 3, isSynchronous: true);
        Assert.Equal((0, "", 3), (lost, others, cuts));
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row23_Twenty_power_cuts_lose_nothing_that_was_acknowledged()
    {
        var (lost, others, cuts) = await DrillAsync("23 power cut, 20 times", cuts: 20, isSynchronous: true);
        Assert.Equal((0, "", 20), (lost, others, cuts));
    }

    // The positive control: the drill sees what a commit that does not wait for the disk loses. The product refuses such a database when it starts, so the setting comes afterwards.
    [Fact]
    [Trait("tier", "controls")]
    public async Task Row23_Without_waiting_for_the_disk_something_is_lost()
    {
        var (lost, _, _) = await DrillAsync("23 power cut, synchronous_commit off", cuts: 1, isSynchronous: false);
        Assert.True(lost > 0, "Nothing was lost, so this drill cannot see a missing flush.");
    }

    private async Task<(int Lost, string Others, int Cuts)> DrillAsync(string row, int cuts, bool isSynchronous)
    {
        if (await LoopDisk.ReasonAgainstAsync() is { } reason)
        {
            Table.Write($"{row,-44} | SKIPPED: {reason}. Whether an acknowledged write outlives a power cut is NOT shown by this run.");
            Assert.Skip(reason);
        }

        await using var disk = await LoopDisk.MakeAsync(1_500);
        await using var run = await FaultRun.StartAsync(row, new() { DatabaseFolder = Path.Combine(disk.Folder, "pg") }, FaultRun.Work with { Viewers = 0 });
        await disk.FlushAsync();
        if (!isSynchronous)
        {
            // Seldom written by itself, so that the loss is certain to be there and not a matter of the moment.
            await run.Topology.Postgres.ExecuteAsync("ALTER SYSTEM SET synchronous_commit = off");
            await run.Topology.Postgres.ExecuteAsync("ALTER SYSTEM SET wal_writer_delay = '10s'");
            await run.Topology.Postgres.ExecuteAsync("SELECT pg_reload_conf()");
        }

        var random = new Random(run.Workload.Seed);
        var images = new List<(string Image, long Before, long After)>();
        for (var cut = 0; cut < cuts; cut++)
        {
            await FaultRun.ForAsync(TimeSpan.FromMilliseconds(random.Next(700, 2_500)));
            images.Add(await CutAsync(run, disk));
        }

        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        var lost = 0;
        var others = new List<string>();
        foreach (var (image, before, after) in images)
        {
            var found = await RecoverAsync(run, image, before, after);
            lost += found[Verdict.Lost];
            if (found.Violations.FirstOrDefault(violation => violation.Verdict != Verdict.Lost) is { } other)
                others.Add(found.Describe(run.History.Records()));
            var acknowledged = run.History.Records().OfType<Returned>().Count(returned => returned.Type == Outcome.Ok && returned.T < before);
            output.WriteLine($"cut at {acknowledged} acknowledgements: {found[Verdict.Lost]} lost{Environment.NewLine}{found.Describe(run.History.Records())}");
            Table.Write($"{row,-44} | cut after {acknowledged} acknowledgements: {found[Verdict.Lost]} lost (seed {run.Workload.Seed})");
        }

        return (lost, string.Join(Environment.NewLine, others), images.Count);
    }

    // All of the server stands still while the file is copied, so that the copy is of one moment.
    private static async Task<(string Image, long Before, long After)> CutAsync(FaultRun run, LoopDisk disk)
    {
        run.History.Add(new Nemesis("power cut", FaultPhase.Start));
        await run.Topology.Postgres.FreezeAsync();
        try
        {
            // What is on its way when the power goes is what a cut can harm. Commits that do not wait for the disk are so short that there may be none; while the server stands still, somebody's soon is.
            await Eventually.HoldsAsync("something to be on its way", () => UnderWay(run.History.Records()) > 0);
            var before = HistoryFile.Now;
            var image = await disk.CopyImageAsync();
            var after = HistoryFile.Now;
            run.Saw("power cut", UnderWay(run.History.Records()));
            return (image, before, after);
        }
        finally
        {
            await run.Topology.Postgres.ThawAsync();
            run.History.Add(new Nemesis("power cut", FaultPhase.Stop));
        }
    }

    private static int UnderWay(IReadOnlyList<HistoryRecord> history)
    {
        var answered = history.OfType<Returned>().Select(returned => returned.OpId).ToHashSet();
        return history.OfType<Invoked>().Count(invoked => !answered.Contains(invoked.OpId));
    }

    // What was acknowledged before the cut must be there; what had begun by then may be.
    private static async Task<CheckReport> RecoverAsync(FaultRun run, string image, long before, long after)
    {
        await using var disk = await LoopDisk.MountAsync(image);
        await using var postgres = await run.Topology.Postgres.StartCopyAsync(Path.Combine(disk.Folder, "pg"), Ports.Free());
        var direct = new NpgsqlConnectionStringBuilder(run.Topology.DirectConnection) { Port = postgres.Port };
        var final = await FinalRead.ReadAsync(direct.ConnectionString);
        await postgres.StopAsync();
        var history = run.History.Records().Where(record => record switch
        {
            Invoked invoked => invoked.T < after,
            Returned returned => returned.T < before && returned.Version is null,
            _ => false,
        }).ToList();
        return HistoryChecker.Check(history, final);
    }
}
