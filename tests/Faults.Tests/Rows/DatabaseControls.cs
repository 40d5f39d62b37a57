using Warroom.Faults.Checking;
using Warroom.Faults.History;
using Warroom.Faults.Workload;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>The rows of <see cref="DatabaseRows"/> without the guard that each is about: they must find something, or they prove nothing. Needs configuration Mutated.</summary>
[Trait("tier", "controls")]
public sealed class DatabaseControls(ITestOutputHelper output)
{
    private readonly DatabaseRows _rows = new(output);

    [Fact(Explicit = true)]
    public Task Row15_Without_waiting_for_the_commit_something_is_lost() => Control.FailsAsync("durable-ack,retries", _rows.Row15_Database_killed_under_load, Same, Verdict.Lost);

    [Fact(Explicit = true)]
    public Task Row16_Without_retries_clients_are_told() => Control.FailsAsync("retries", _rows.Row16_Sessions_ended_and_a_fast_restart, Same, "5xx", (run, _) => Told(run));

    [Fact(Explicit = true)]
    public Task Row18_Without_a_bound_reads_hang() =>
        Control.FailsAsync("bounded-wait", _rows.Row18_Pool_exhausted, Same, "read left hanging", (run, _) => LeftHanging(run.History.Records()), atLeast: 20);

    [Fact(Explicit = true)]
    public Task Row24_Without_retries_clients_are_told() => Control.FailsAsync("retries", _rows.Row24_Serialization_failures_and_deadlocks, Same, "5xx", (run, _) => Told(run));

    [Fact(Explicit = true)]
    public Task Row25_Without_finding_out_and_operation_ids_something_is_there_twice() =>
        Control.FailsAsync("commit-outcome,operation-ids", () => DatabaseRows.Row25Async(each: 40, TimeSpan.FromSeconds(15)), Same, Verdict.Duplicated);

    [Fact(Explicit = true)]
    public Task Row35_Without_resuming_viewers_lack_something() => Control.FailsAsync(
        "resume", () => DatabaseRows.Row35Async("35 reconnect storm of 100", viewers: 100, new Dictionary<string, string>(StringComparer.Ordinal), readsPerResumeMax: 0.2), work => work with { Writers = 24, Rate = 160 }, Verdict.NeverDelivered);

    private static WorkloadOptions Same(WorkloadOptions work) => work;

    // Reads begun in the first two seconds of the fault and answered after its end, where none was refused meanwhile. (Some wait by right: behind a write to their incident.)
    private static int LeftHanging(IReadOnlyList<HistoryRecord> history)
    {
        if (history.OfType<Returned>().Any(returned => returned.Code!.StartsWith("503", StringComparison.Ordinal)))
            return 0;
        var begin = history.OfType<Nemesis>().First(fault => fault.Phase == FaultPhase.Start).T;
        var end = history.OfType<Nemesis>().First(fault => fault.Phase == FaultPhase.Stop).T;
        var asked = history.OfType<Invoked>().Where(invoked => invoked.Kind == OperationKind.Read && invoked.T >= begin && invoked.T < begin + 2_000_000_000).Select(invoked => invoked.OpId).ToHashSet();
        return history.OfType<Returned>().Where(returned => asked.Contains(returned.OpId)).GroupBy(returned => returned.OpId).Count(answers => answers.First().T >= end);
    }

    // A conflict that was decided anew as often as it may be is no failure of the database.
    private static int Told(FaultRun run) => Table.Answers(run.History.Records(), returned => returned.Code!.StartsWith('5') && returned.Code != "503 incident.try_again");
}
