using System.Text.Json;

using Npgsql;

using Warroom.Faults.Harness;
using Warroom.Faults.History;
using Warroom.Faults.Workload;

namespace Warroom.Faults.Rows;

/// <summary>What is done to the database, for the rows and for their controls alike.</summary>
internal static class DatabaseFaults
{
    /// <summary>The server and all its processes killed, and started again at once.</summary>
    public static async Task KillAsync(FaultRun run, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await FaultRun.ForAsync(TimeSpan.FromSeconds(2));
            var killed = 0L;
            await run.InjectAsync(
                "database killed",
                async () =>
                {
                    killed = HistoryFile.Now;
                    await run.Topology.Postgres.KillAsync();
                },
                TimeSpan.Zero,
                () => run.Topology.Postgres.StartAgainAsync());
            var back = HistoryFile.Now;
            await Testing.Eventually.HoldsAsync("somebody to have waited for the database", () => WaitedThrough(run, killed, back) > 0);
            run.Saw("database killed", WaitedThrough(run, killed, back));
        }
    }

    /// <summary>How many attempts began while something was down and were answered after it had come back.</summary>
    private static int WaitedThrough(FaultRun run, long down, long back)
    {
        var begun = new Dictionary<Guid, long>();
        var count = 0;
        foreach (var record in run.History.Records())
        {
            if (record is Invoked invoked)
                begun[invoked.OpId] = invoked.T;
            else if (record is Returned returned && begun.Remove(returned.OpId, out var t) && t > down && t < back && returned.T > back)
                count++;
        }

        return count;
    }

    /// <summary>Every session of Warroom ended, again and again; then a fast restart.</summary>
    public static async Task EndSessionsAsync(FaultRun run, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await run.InjectAsync("sessions ended", async () => run.Saw("sessions ended", (long)(await run.Topology.Postgres.ExecuteAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'warroom'"))!), TimeSpan.FromSeconds(2), () => Task.CompletedTask);
        }

        await run.InjectAsync(
            "fast restart",
            async () =>
            {
                run.Saw("fast restart", (long)(await run.Topology.Postgres.ExecuteAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'warroom'"))!);
                await run.Topology.Postgres.StopAsync();
                await run.Topology.Postgres.StartAgainAsync();
            },
            TimeSpan.FromSeconds(2),
            () => Task.CompletedTask);
    }

    /// <summary>Connections reset around requests that write, before they are passed on and after they were committed, until so many of each were broken.</summary>
    public static async Task BreakCommitsAsync(FaultRun run, int each, TimeSpan atMost)
    {
        foreach (var forward in (bool[])[false, true])
        {
            var links = run.Topology.Owners.Select(run.Topology.LinkOf).ToList();
            var begin = HistoryFile.Now;
            await run.InjectAsync(
                forward ? "reset after commit" : "reset before commit",
                async () =>
                {
                    // The events' bodies are in the request as they are; what follows ReadyForQuery (idle) of the answer would be the next request's.
                    foreach (var link in links)
                        await link.SetAsync(new { holdReply = new { request = "\"kind\":\"", reply = "Z\\x00\\x00\\x00\\x05I$", forward, probability = 0.25 } });
                    while (await BrokenAsync(links, forward) < each && HistoryFile.Now - begin < atMost.TotalNanoseconds)
                        await FaultRun.ForAsync(TimeSpan.FromMilliseconds(100));
                },
                TimeSpan.Zero,
                async () =>
                {
                    foreach (var link in links)
                        await link.HealAsync();
                });
            run.Saw(forward ? "reset after commit" : "reset before commit", await BrokenAsync(links, forward));
        }
    }

    /// <summary>How many requests the links broke.</summary>
    public static async Task<long> BrokenAsync(IEnumerable<ChaosLink> links, bool forward)
    {
        var sum = 0L;
        foreach (var link in links)
            sum += (await link.StateAsync()).GetProperty(forward ? "heldAfter" : "heldBefore").GetInt64();
        return sum;
    }

    /// <summary>A trigger that fails writes of incidents as a conflict of serializable transactions does; not in the product, and gone afterwards.</summary>
    public static Task StormAsync(FaultRun run, TimeSpan lasts, double probability) => run.InjectAsync(
        "serialization failures",
        () => SqlAsync(
            run,
            $$"""
            CREATE SEQUENCE fault_storms;
            GRANT ALL ON SEQUENCE fault_storms TO public;
            CREATE FUNCTION fault_storm() RETURNS trigger LANGUAGE plpgsql AS $f$
            BEGIN
              IF random() < {{probability}} THEN
                PERFORM nextval('fault_storms');
                RAISE EXCEPTION 'could not serialize access' USING ERRCODE = CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END;
              END IF;
              RETURN NEW;
            END $f$;
            CREATE TRIGGER fault_storm BEFORE UPDATE ON incidents FOR EACH ROW EXECUTE FUNCTION fault_storm();
            """),
        lasts,
        async () =>
        {
            await SqlAsync(run, "DROP TRIGGER fault_storm ON incidents");
            run.Saw("serialization failures", await CountAsync(run, "SELECT last_value FROM fault_storms"));
        });

    public static async Task<long> CountAsync(FaultRun run, string sql) => (long)(await run.Topology.Postgres.ExecuteAsync(sql, new NpgsqlConnectionStringBuilder(run.Topology.DirectConnection).Database))!;

    public static Task SqlAsync(FaultRun run, string sql) => run.Topology.Postgres.ExecuteAsync(sql, new NpgsqlConnectionStringBuilder(run.Topology.DirectConnection).Database);

    /// <summary>The sum of a counter over all processes with grains.</summary>
    public static async Task<double> SumAsync(FaultRun run, string metric)
    {
        var sum = 0.0;
        foreach (var process in run.Topology.Owners)
            sum += await process.MetricAsync(metric);
        return sum;
    }

    /// <summary>Answers by code, for rows that promise something of them.</summary>
    public static string Codes(IReadOnlyList<HistoryRecord> history) =>
        string.Join(", ", history.OfType<Returned>().GroupBy(returned => returned.Code ?? "?").OrderByDescending(group => group.Count()).Select(group => $"{group.Key}: {group.Count()}"));
}
