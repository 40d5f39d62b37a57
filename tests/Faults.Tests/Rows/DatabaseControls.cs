using Warroom.Faults.Checking;
using Warroom.Faults.History;
using Warroom.Faults.Workload;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>The rows of <see cref="DatabaseRows"/> without the guard that each is about: they must find something, or they prove nothing. Needs configuration Mutated.</summary>
[Trait("tier", "controls")]
public sealed class DatabaseControls(ITestOutputHelper output)
{
    private static WorkloadOptions Work => new() { Seed = FaultRun.Seed() };

    [Fact(Explicit = true)]
    public async Task Row15_Without_waiting_for_the_commit_something_is_lost()
    {
        await using var run = await FaultRun.StartAsync("15 database SIGKILL", new() { Mutation = "durable-ack,retries" }, Work);
        await DatabaseFaults.KillAsync(run, times: 3);
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.Lost);
    }

    [Fact(Explicit = true)]
    public async Task Row16_Without_retries_clients_are_told()
    {
        await using var run = await FaultRun.StartAsync("16 sessions ended, fast restart", new() { Mutation = "retries" }, Work);
        await DatabaseFaults.EndSessionsAsync(run, times: 5);
        await run.JudgeAsync();
        output.WriteLine(DatabaseFaults.Codes(run.History.Records()));
        Assert.Contains(run.History.Records().OfType<Returned>(), returned => returned.Code!.StartsWith('5'));
    }

    [Fact(Explicit = true)]
    public async Task Row24_Without_retries_clients_are_told()
    {
        await using var run = await FaultRun.StartAsync("24 serialization failures", new() { Mutation = "retries" }, Work with { Incidents = 1, Writers = 64, Rate = 400, Viewers = 4 });
        await DatabaseFaults.StormAsync(run, TimeSpan.FromSeconds(4), probability: 0.3);
        await run.JudgeAsync();
        output.WriteLine(DatabaseFaults.Codes(run.History.Records()));
        Assert.Contains(run.History.Records().OfType<Returned>(), returned => returned.Code!.StartsWith('5') && returned.Code != "503 incident.try_again");
    }

    [Fact(Explicit = true)]
    public async Task Row25_Without_finding_out_and_operation_ids_something_is_there_twice()
    {
        await using var run = await FaultRun.StartAsync("25 reset around 40 commits", new() { Proxied = true, Mutation = "commit-outcome,operation-ids" }, Work);
        await DatabaseFaults.BreakCommitsAsync(run, each: 40, TimeSpan.FromSeconds(15));
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.Duplicated);
    }

    [Fact(Explicit = true)]
    public async Task Row35_Without_resuming_viewers_lack_something()
    {
        await using var run = await FaultRun.StartAsync("35 reconnect storm", new() { Mutation = "resume" }, Work);
        var server = run.Topology.FrontEnds[0];
        await run.InjectAsync("front end killed", server.KillAsync, TimeSpan.FromSeconds(1), server.StartAsync);
        run.Saw("front end killed", 1);
        var (report, _) = await run.JudgeAsync();
        run.AssertCaught(report, Verdict.NeverDelivered);
    }
}
