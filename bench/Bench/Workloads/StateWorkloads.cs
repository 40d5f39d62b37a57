using System.Diagnostics;
using Npgsql;
using Warroom.Bench.Load;
using Warroom.Services;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>Writes of grain state: 100 services change their entry at once, again and again. The baseline is one UPDATE and commit for each, as Orleans' ADO.NET provider does it.</summary>
internal static class StateWorkloads
{
    public static async Task RunAsync(Report report, PostgresServer postgres)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:Warroom"] = database.ConnectionString;
        builder.Configuration["Cluster:SiloPort"] = ServerProcess.FreePort().ToString();
        builder.Configuration["Cluster:GatewayPort"] = ServerProcess.FreePort().ToString();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddWarroomSilo();
        await using var app = builder.Build();
        await app.StartAsync();
        var grains = app.Services.GetRequiredService<IGrainFactory>();
        var services = Enumerable.Range(0, 100).Select(n => grains.GetGrain<IServiceGrain>($"bench-{n}")).ToArray();
        await EachAsync(n => services[n].RegisterAsync(new RegisterService { Description = "warm" }), TimeSpan.FromSeconds(3));
        var ours = await EachAsync((n, round) => services[n].RegisterAsync(new RegisterService { Description = $"round {round}" }), TimeSpan.FromSeconds(8));

        await using var source = new NpgsqlDataSourceBuilder(database.ConnectionString) { ConnectionStringBuilder = { MaxPoolSize = 20, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 } }.Build();
        await using (var create = source.CreateCommand("CREATE TABLE baseline_state (name text PRIMARY KEY, version bigint NOT NULL, state jsonb NOT NULL); INSERT INTO baseline_state SELECT 'bench-' || n, 0, '{}' FROM generate_series(0, 99) n"))
            await create.ExecuteNonQueryAsync();
        async Task UpdateAsync(int n, long round)
        {
            await using var update = source.CreateCommand("UPDATE baseline_state SET version = version + 1, state = $2::jsonb WHERE name = $1");
            update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"bench-{n}" });
            update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{{\"description\":\"round {round}\"}}" });
            await update.ExecuteNonQueryAsync();
        }

        await EachAsync(UpdateAsync, TimeSpan.FromSeconds(2));
        var theirs = await EachAsync(UpdateAsync, TimeSpan.FromSeconds(8));
        report.Add("grain state writes, 100 grains at once", "writes/s", ours, theirs, "one UPDATE and commit each", "≥ 12,000", ours >= 12_000);
        await app.StopAsync();
    }

    private static Task<double> EachAsync(Func<int, Task> write, TimeSpan duration) => EachAsync((n, _) => write(n), duration);

    private static async Task<double> EachAsync(Func<int, long, Task> write, TimeSpan duration)
    {
        long writes = 0;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(async () =>
        {
            for (long round = 0; Stopwatch.GetElapsedTime(begun) < duration; round++)
            {
                await write(n, round);
                Interlocked.Increment(ref writes);
            }
        })));
        return writes / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
