using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.Workload;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>The rows of <see cref="ClusterRows"/> without the guard that each is about: they must find something, or they prove nothing. Needs configuration Mutated.</summary>
[Trait("tier", "controls")]
public sealed class ClusterControls(ITestOutputHelper output)
{
    private static WorkloadOptions Work => new() { Seed = FaultRun.Seed() };

    [Fact(Explicit = true)]
    public async Task Row01_Without_operation_ids_a_resend_is_there_twice()
    {
        await using var run = await FaultRun.StartAsync("01 silo SIGKILL", ClusterFaults.SlowCluster with { Mutation = "operation-ids" }, Work with { Viewers = 0, Rate = 160, Writers = 24 });
        await ClusterFaults.SlowDownAsync(run);
        await ClusterFaults.KillSilosAsync(run, kills: 3);
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.Duplicated);
    }

    [Fact(Explicit = true)]
    public async Task Row02_Without_lease_and_fencing_two_owners_write()
    {
        // What waits at the silo while it stands still was sent again to the new owner; without operation ids it is not seen that it is done already.
        await using var run = await FaultRun.StartAsync("02 silo SIGSTOP 8 s", ClusterFaults.SlowCluster with { Mutation = "lease,fencing,operation-ids" }, Work with { Viewers = 0, Rate = 200, Writers = 32 });
        await ClusterFaults.SlowDownAsync(run);
        foreach (var silo in run.Topology.Silos)
            await ClusterFaults.FreezeAsync(run, silo, TimeSpan.FromSeconds(8));
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.StaleCommit, Verdict.Forked, Verdict.Gap);
    }

    [Fact(Explicit = true)]
    public async Task Row04_Without_waiting_for_the_commit_answers_are_wrong()
    {
        await using var run = await FaultRun.StartAsync("04 all silos SIGKILL", ClusterFaults.SlowCluster with { Mutation = "durable-ack" }, Work with { Viewers = 0, Rate = 160, Writers = 24 });
        await ClusterFaults.SlowDownAsync(run);
        await ClusterFaults.KillAllAsync(run);
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.Lost, Verdict.Phantom, Verdict.Register, Verdict.Forked);
    }

    [Fact(Explicit = true)]
    public async Task Row05_Without_resuming_viewers_lack_something()
    {
        await using var run = await FaultRun.StartAsync("05 front end SIGKILL", ClusterFaults.Cluster with { Mutation = "resume" }, Work with { RestlessViewers = false });
        await ClusterFaults.KillFrontEndAsync(run);
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.NeverDelivered);
    }

    [Fact(Explicit = true)]
    public async Task Row06_Without_resuming_a_reply_has_a_hole()
    {
        await using var run = await FaultRun.StartAsync("06 front end SIGTERM during replies", ClusterFaults.Cluster with { Mutation = "resume" }, Work with { Viewers = 0, Rate = 20 });
        await using var chats = await Chats.StartAsync(run, sessions: 6);
        await ClusterFaults.EndFrontEndAsync(run);
        await FaultRun.ForAsync(TimeSpan.FromSeconds(8));
        await run.JudgeAsync();
        Assert.False(await chats.AllWholeAsync(), "Every viewer has the whole of its reply.");
    }

    [Fact(Explicit = true)]
    public async Task Row08_Without_a_lease_the_silo_does_not_notice_that_it_is_alone()
    {
        await ClusterFaults.SkipWithoutNetworkAsync("08 partition of one silo, control");
        await using var run = await FaultRun.StartAsync("08 partition of one silo", ClusterFaults.Cluster with { Networked = true, Mutation = "lease,fencing" }, Work with { Viewers = 0, Rate = 160, Writers = 24 });
        var silo = run.Topology.Silos[0];
        var noticed = await ClusterFaults.PartitionAsync(run, silo, TimeSpan.FromSeconds(12));
        var (report, _) = await run.JudgeAsync();
        output.WriteLine(report.Describe(run.History.Records()));
        Assert.False(noticed, $"{silo.Name} noticed although its lease is off: the row does not look at the lease.");
    }

    [Fact(Explicit = true)]
    public async Task Row10_Without_finding_out_and_operation_ids_something_is_there_twice()
    {
        // Short enough for the lease: the silo stays, and what its broken connections wrote is decided again.
        await using var run = await FaultRun.StartAsync("10 replies of the database lost", ClusterFaults.SlowCluster with { Mutation = "commit-outcome,operation-ids,lease" }, Work with { Viewers = 0, Rate = 160, Writers = 24 });
        await ClusterFaults.SlowDownAsync(run);
        foreach (var silo in run.Topology.Silos)
        {
            var link = run.Topology.LinkOf(silo);
            await run.InjectAsync("replies lost", () => link.SetAsync(new { blackhole = "s2c" }), TimeSpan.FromSeconds(2), async () =>
            {
                await link.ResetAsync();
                await link.HealAsync();
            });
            run.Saw("replies lost", 1);
        }

        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.Duplicated);
    }

    [Fact(Explicit = true)]
    public async Task Row27_With_leases_by_the_wall_clock_the_silo_loses_its_own()
    {
        ClusterFaults.SkipWithoutFaketime("27 wall clock jumps, control");
        var jumps = ClusterFaults.ClockFile();
        var options = ClusterFaults.Cluster with { ClockFiles = new Dictionary<string, string>(StringComparer.Ordinal) { ["silo1"] = jumps }, Mutation = "monotonic-clock" };
        await using var run = await FaultRun.StartAsync("27 wall clock +2 h", options, Work with { Viewers = 0 });
        await ClusterFaults.RaceAsync(run, jumps, 30);
        var (report, _) = await run.JudgeAsync();
        Assert.True(ClusterFaults.WasFenced(run.Topology.Silos[0]) || report.OwnershipMoves > 0, "The silo kept its lease although it goes by a clock that ran away.");
    }
}
