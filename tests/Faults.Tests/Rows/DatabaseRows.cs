using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;
using Warroom.Faults.Workload;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>Faults of the database and of the way to it.</summary>
public sealed class DatabaseRows
{
    private static WorkloadOptions Work() => new() { Seed = FaultRun.Seed() };

    [Fact]
    public async Task Row15_database_killed_under_load()
    {
        await using var run = await FaultRun.StartAsync("15 database SIGKILL", new(), Work());
        await KillDatabaseAsync(run, times: 3);
        var (report, _) = await run.JudgeAsync();
        run.AssertHeld(report);
    }

    internal static async Task KillDatabaseAsync(FaultRun run, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await FaultRun.ForAsync(TimeSpan.FromSeconds(2));
            await run.InjectAsync("database killed", run.Topology.Postgres.KillAsync, TimeSpan.Zero, () => run.Topology.Postgres.StartAgainAsync());
            run.Saw("database killed", 1);
        }
    }
}
