using Warroom.Faults.Checking;
using Warroom.Faults.History;
using Warroom.Faults.Workload;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>The rows of <see cref="ClusterRows"/> without the guard that each is about: they must find something, or they prove nothing. Needs configuration Mutated.</summary>
[Trait("tier", "controls")]
public sealed class ClusterControls(ITestOutputHelper output)
{
    private readonly ClusterRows _rows = new(output);

    [Fact(Explicit = true)]
    public Task Row01_Without_operation_ids_a_resend_is_there_twice() => Control.FailsAsync("operation-ids", () => _rows.Row01Async(kills: 3), Busy, Verdict.Duplicated);

    // What waits at the silo while it stands still was sent again to the new owner; without operation ids it is not seen that it is done already.
    [Fact(Explicit = true)]
    public Task Row02_Without_lease_and_fencing_two_owners_write() =>
        Control.FailsAsync("lease,fencing,operation-ids", () => ClusterRows.Row02Async([8, 8, 8]), Busy, Verdict.StaleCommit, Verdict.Forked, Verdict.Gap);

    [Fact(Explicit = true)]
    public Task Row04_Without_waiting_for_the_commit_answers_are_wrong() =>
        Control.FailsAsync("durable-ack", _rows.Row04_All_silos_killed_at_once, Busy, Verdict.Lost, Verdict.Phantom, Verdict.Register, Verdict.Forked);

    [Fact(Explicit = true)]
    public Task Row05_Without_resuming_viewers_lack_something() => Control.FailsAsync("resume", () => _rows.Row05Async(viewers: 60), work => work, Verdict.NeverDelivered);

    [Fact(Explicit = true)]
    public Task Row06_Without_resuming_a_reply_has_a_hole() =>
        Control.FailsAsync("resume", _rows.Row06_Front_end_ends_during_replies, work => work, "reply that is not whole", (run, _) => Chats.NotWhole(run.History.Records()));

    // The silo goes on by itself, for certain; what it then spoils when the cable is back is a matter of what waited there to be written, and counts too.
    [Fact(Explicit = true)]
    public Task Row08_Without_lease_and_fencing_the_silo_goes_on_alone() => Control.FailsAsync(
        "lease,fencing",
        _rows.Row08_Silo_cut_off_from_the_rest_and_the_database,
        Busy,
        "silo that goes on alone, or what it spoilt",
        (run, report) => (ClusterFaults.SawItsLeaseEnd(run.Topology.Silos[0]) ? 0 : 1) + report[Verdict.StaleCommit] + report[Verdict.Forked] + report[Verdict.Lost] + report[Verdict.Gap],
        atLeast: 1);

    // The lease is shorter than the darkness: whoever had no answer asks the next owner, who knows what was committed by the operations' ids alone.
    [Fact(Explicit = true)]
    public Task Row10_Without_operation_ids_what_was_committed_in_the_dark_is_there_twice() =>
        Control.FailsAsync("operation-ids", _rows.Row10_Replies_of_the_database_lost, Busy, "Duplicated", (_, report) => report[Verdict.Duplicated], isSlow: true);

    [Fact(Explicit = true)]
    public Task Row27_With_leases_by_the_wall_clock_the_silo_loses_its_own() =>
        Control.FailsAsync("monotonic-clock", _rows.Row27_Wall_clock_of_a_silo_jumps, work => work with { Viewers = 0 }, "lease lost", (run, _) => run.Topology.Silos.Count(ClusterFaults.WasFenced), atLeast: 1);

    [Fact(Explicit = true)]
    public Task Row47_Without_operation_ids_the_combination_finds_it() =>
        Control.FailsAsync("operation-ids", _rows.Row47_Everything_together_for_two_minutes, Busy, Verdict.Duplicated);

    // So much work, on so many incidents, that at any moment something is on its way at each silo: a fault then hits it for certain.
    private static WorkloadOptions Busy(WorkloadOptions work) => work with { Viewers = 0, Incidents = 40, Writers = 64, Rate = 400 };
}
