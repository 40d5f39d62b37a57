using System.Diagnostics;

using Npgsql;

using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>Faults of the database and of the way to it.</summary>
public sealed class DatabaseRows(ITestOutputHelper output)
{
    [Fact]
    public async Task Row15_Database_killed_under_load()
    {
        await using var run = await FaultRun.StartAsync("15 database SIGKILL", new(), FaultRun.Work);
        await DatabaseFaults.KillAsync(run, times: 2);
        var (report, figures) = await run.JudgeAsync();
        run.AssertHeld(report);

        var history = run.History.Records();
        var healed = history.OfType<Nemesis>().Where(fault => fault.Phase == FaultPhase.Stop).Max(fault => fault.T);

        Assert.InRange(figures.LongestGap, 0, 5_000);

        // Nobody is told of a server error once the database has been back for five seconds.
        Assert.DoesNotContain(history.OfType<Returned>(), returned => returned.T > healed + 5_000_000_000 && returned.Code!.StartsWith('5'));
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row16_Sessions_ended_and_a_fast_restart()
    {
        await using var run = await FaultRun.StartAsync("16 sessions ended, fast restart", new(), FaultRun.Work);
        await DatabaseFaults.EndSessionsAsync(run, times: 5);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);

        // Transparent: what ended the session is nobody's answer.
        var history = run.History.Records();
        output.WriteLine(DatabaseFaults.Codes(history));
        Assert.DoesNotContain(history.OfType<Returned>(), returned => returned.Code!.StartsWith('5'));
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row18_Pool_exhausted()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Postgres__PoolSizeMax"] = "5", ["Postgres__PoolSizeMin"] = "5" };
        await using var run = await FaultRun.StartAsync("18 pool exhausted", new() { Settings = settings }, FaultRun.Work with { Writers = 500, Rate = 250, Viewers = 5, Incidents = 40 });
        await using var holder = new NpgsqlConnection(run.Topology.DirectConnection);
        await holder.OpenAsync();
        var alive = 0;
        var released = 0L;
        await run.InjectAsync(
            "pool exhausted",
            async () =>
            {
                // Whatever touches an incident waits for this, and holds its connection while it waits.
                await using var begin = new NpgsqlCommand("BEGIN; LOCK TABLE incidents, timeline_events IN ACCESS EXCLUSIVE MODE", holder);
                await begin.ExecuteNonQueryAsync();
                for (var probe = 0; probe < 8; probe++)
                {
                    await FaultRun.ForAsync(TimeSpan.FromSeconds(1));
                    alive += await run.Topology.FrontEnds[0].StatusAsync("live") == 200 && await run.Topology.FrontEnds[0].StatusAsync("health") == 200 ? 1 : 0;
                }
            },
            TimeSpan.Zero,
            async () =>
            {
                await using var end = new NpgsqlCommand("ROLLBACK", holder);
                await end.ExecuteNonQueryAsync();
                released = HistoryFile.Now;
            });
        run.Saw("pool exhausted", Table.Answers(run.History.Records(), returned => returned.Code!.StartsWith("503", StringComparison.Ordinal)));
        var (report, _) = await run.JudgeAsync(TimeSpan.FromSeconds(4));
        run.AssertHeld(report);
        var history = run.History.Records();
        output.WriteLine(DatabaseFaults.Codes(history));
        Assert.Equal(8, alive);
        var recovery = (history.OfType<Returned>().First(returned => returned.T > released && returned.Type == Outcome.Ok).T - released) / 1e6;
        Assert.InRange(recovery, 0, 2_000);
        Assert.DoesNotContain(history.OfType<Returned>(), returned => returned.Code!.StartsWith("500", StringComparison.Ordinal));

        // What cannot be had is refused in time and with a time to come again, not left hanging.
        Assert.Contains(history.OfType<Returned>(), returned => returned.Code!.StartsWith("503", StringComparison.Ordinal));
        Assert.DoesNotContain(history.OfType<Returned>(), returned => returned.Code == nameof(TaskCanceledException));
    }

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public async Task Row24_Serialization_failures_and_deadlocks()
    {
        await using var run = await FaultRun.StartAsync("24 serialization failures", new(), FaultRun.Work with { Incidents = 1, Writers = 64, Rate = 400, Viewers = 4 });
        await DatabaseFaults.StormAsync(run, TimeSpan.FromSeconds(8), probability: 0.3);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        var storms = await DatabaseFaults.CountAsync(run, "SELECT last_value FROM fault_storms");
        output.WriteLine($"{storms} failures, {await DatabaseFaults.SumAsync(run, "warroom_db_retries_total")} retries; {DatabaseFaults.Codes(run.History.Records())}");
        Assert.True(storms > 20, $"{storms} failures only.");

        // Retries are bounded: a command that was decided anew four times is given back, with nothing done. Nobody sees the failure itself.
        Assert.DoesNotContain(run.History.Records().OfType<Returned>(), returned => returned.Code!.StartsWith('5') && returned.Code != "503 incident.try_again");
    }

    [Fact]
    public Task Row25_Connection_reset_around_commits() => Row25Async(each: 30, TimeSpan.FromSeconds(15));

    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row25_Connection_reset_around_a_thousand_commits() => Row25Async(each: 500, TimeSpan.FromSeconds(120));

    // What a front end keeps of a timeline answers whoever comes back: the storm costs what it costs to fill that once.
    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row35_Reconnect_storm() => Row35Async("35 reconnect storm of 2,000", viewers: 2_000, new Dictionary<string, string>(StringComparer.Ordinal), readsPerResumeMax: 0.2);

    // And where it keeps next to nothing, so that each who comes back must be read for.
    [Fact(Explicit = true)]
    [Trait("tier", "faults")]
    public Task Row35_Reconnect_storm_of_viewers_that_must_be_read_for() =>
        Row35Async("35 reconnect storm of 500, nothing kept", viewers: 500, new Dictionary<string, string>(StringComparer.Ordinal) { ["Live__TailEventsMax"] = "1" }, readsPerResumeMax: 2);

    internal static async Task Row35Async(string row, int viewers, IReadOnlyDictionary<string, string> settings, double readsPerResumeMax)
    {
        var topology = new TopologyOptions { Settings = settings, DatabaseSettings = ["shared_preload_libraries = 'pg_stat_statements'"] };
        await using var run = await FaultRun.StartAsync(row, topology, FaultRun.Work with { Viewers = viewers, Writers = 4, Rate = 8, RestlessViewers = false });
        await DatabaseFaults.SqlAsync(run, "CREATE EXTENSION pg_stat_statements");
        var server = run.Topology.FrontEnds[0];
        var (begin, resumesBefore) = (0L, 0);
        await run.InjectAsync("front end killed", server.KillAsync, TimeSpan.FromSeconds(1), async () =>
        {
            resumesBefore = run.Viewers.Sum(viewer => viewer.Resumes);
            await DatabaseFaults.SqlAsync(run, "SELECT pg_stat_statements_reset()");
            await server.StartAsync();
            begin = Stopwatch.GetTimestamp();
        });
        while (!run.Viewers.All(viewer => viewer.IsLive) && Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(1))
            await FaultRun.ForAsync(TimeSpan.FromMilliseconds(20));
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var resumes = run.Viewers.Sum(viewer => viewer.Resumes) - resumesBefore;
        var reads = await DatabaseFaults.CountAsync(run, "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query ~* '^\\s*(with|select)\\y' AND query ~ '\\y(incidents|timeline_events)\\y'");
        var (report, _) = await run.JudgeAsync();
        Table.Write($"{row,-44} | all there again after {seconds:0.0} s; {reads} reads for {resumes} resumes: {(double)reads / resumes:0.000} each");
        run.AssertHeld(report);
        Assert.InRange(seconds, 0, 30);
        Assert.True(resumes >= viewers, $"{resumes} resumes only: not every viewer came back.");
        Assert.InRange((double)reads / resumes, double.Epsilon, readsPerResumeMax);
    }

    internal static async Task Row25Async(int each, TimeSpan atMost)
    {
        await using var run = await FaultRun.StartAsync($"25 reset around {each} commits", new() { Proxied = true }, FaultRun.Work);
        await DatabaseFaults.BreakCommitsAsync(run, each, atMost);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
        var links = run.Topology.Owners.Select(run.Topology.LinkOf).ToList();
        foreach (var forward in (bool[])[false, true])
            Assert.True(await DatabaseFaults.BrokenAsync(links, forward) >= each, $"The links broke {await DatabaseFaults.BrokenAsync(links, forward)} commits ({(forward ? "after" : "before")} them), not {each}.");

        // Those that were committed and whose answer was lost were found to be there.
        Assert.True(await DatabaseFaults.SumAsync(run, "warroom_db_outcomes_resolved_total") > 0);
    }
}
