using System.Net.Http.Json;
using Warroom.Bench.Baselines;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>Durable timeline events over HTTP, and one incident that a thousand people watch.</summary>
internal static class TimelineWorkloads
{
    private const int Connections = 64;
    private const string BaselineName = "minimal API + Npgsql, one commit each";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    public static async Task WritesAsync(Report report, PostgresServer postgres)
    {
        await using var model = await FakeModel.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var baselineDatabase = await postgres.CreateDatabaseAsync();
        await using var product = await Product.StartAsync(database.ConnectionString, model.Address);
        await using var baseline = await StartBaselineAsync(baselineDatabase.ConnectionString);
        var incidents = new Guid[256];
        for (var n = 0; n < incidents.Length; n++)
            incidents[n] = await product.OpenIncidentAsync($"Bench {n}");

        Task<HttpResult> OursAsync(bool one, TimeSpan duration) => HttpLoad.PostAsync(product.Server.Address, Connections, duration,
            (connection, n) => ($"/api/incidents/{(one ? incidents[0] : incidents[(connection + (n * Connections)) % incidents.Length])}/timeline", "{\"text\":\"The pool is back to 12 of 20 connections.\"}"));
        Task<HttpResult> BaselineAsync(bool one, TimeSpan duration) => HttpLoad.PostAsync(baseline.Address, Connections, duration,
            (connection, n) => ($"/incidents/{(one ? incidents[0] : incidents[(connection + (n * Connections)) % incidents.Length])}/timeline", "{\"text\":\"The pool is back to 12 of 20 connections.\"}"));

        await OursAsync(one: false, TimeSpan.FromSeconds(4));
        await BaselineAsync(one: false, TimeSpan.FromSeconds(4));
        foreach (var one in (bool[])[false, true])
        {
            var workload = one ? "durable timeline events over HTTP, 64 at once on one incident" : "durable timeline events over HTTP, 64 at once over 256 incidents";
            var theirs = await BaselineAsync(one, Duration);
            var ours = await OursAsync(one, Duration);
            if (ours.Failures + theirs.Failures > 0)
                Console.WriteLine($"failures: ours {ours.Failures}, baseline {theirs.Failures}");
            var (p, q) = (ours.Latencies.PercentilesMs(50, 99), theirs.Latencies.PercentilesMs(50, 99));
            if (one)
            {
                report.Add(workload, "events/s", ours.PerSecond, theirs.PerSecond, BaselineName, "≥ 2 ×", ours.PerSecond >= 2 * theirs.PerSecond);
            }
            else
            {
                report.Add(workload, "events/s", ours.PerSecond, theirs.PerSecond, BaselineName, "≥ 9,000", ours.PerSecond >= 9_000);
                report.Add(workload, "p99 ms", p[1], q[1], BaselineName, "≤ 0.8 ×", p[1] <= 0.8 * q[1]);
            }
        }
    }

    public static async Task ViewersAsync(Report report, PostgresServer postgres)
    {
        const string Workload = "one incident, 1,000 viewers, 10 events/s";
        const int Viewers = 1_000;
        await using var model = await FakeModel.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        double[] theirs, ours;
        await using (var baseline = await StartBaselineAsync(database.ConnectionString))
        {
            var id = Guid.CreateVersion7();
            theirs = await WatchAsync(baseline, "/hub", Viewers, $"/incidents/{id}/timeline", viewer => viewer.InvokeAsync("Watch", id.ToString()));
        }

        await using (var product = await Product.StartAsync(database.ConnectionString, model.Address))
        {
            var id = await product.OpenIncidentAsync("Bench");
            ours = await WatchAsync(product.Server, "/hubs/warroom", Viewers, $"/api/incidents/{id}/timeline", viewer => viewer.InvokeAsync("Watch", id.ToString(), 0));
        }

        report.Add(Workload, "p50 ms", ours[0], theirs[0], "SignalR with one INSERT each", "", null);
        report.Add(Workload, "p99 ms", ours[1], theirs[1], "SignalR with one INSERT each", "≤ 1.15 ×", ours[1] <= 1.15 * theirs[1]);
    }

    private static async Task<double[]> WatchAsync(ServerProcess server, string hub, int viewers, string path, Func<HubClient, Task> watch)
    {
        var samples = new Samples(64);
        var measuring = false;
        var clients = new List<HubClient>(viewers);
        for (var n = 0; n < viewers; n++)
        {
            var lane = n;
            var client = new HubClient { OnInvocation = message => Stamp.Collect(message, Volatile.Read(ref measuring) ? samples : null, lane) };
            clients.Add(client);
            await client.ConnectAsync(server.Address, hub);
            await watch(client);
        }

        using var http = new HttpClient { BaseAddress = server.Address };
        var begun = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < 200; n++)
        {
            var wait = TimeSpan.FromMilliseconds(100 * n) - TimeProvider.System.GetElapsedTime(begun);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, TimeProvider.System);
            if (n == 50)
                Volatile.Write(ref measuring, true);
            using var response = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), new { text = $"An event {Stamp.Now()}" });
            response.EnsureSuccessStatusCode();
        }

        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        foreach (var client in clients)
            await client.DisposeAsync();
        return samples.PercentilesMs(50, 99);
    }

    private static Task<ServerProcess> StartBaselineAsync(string connectionString)
    {
        var port = ServerProcess.FreePort();
        return ServerProcess.StartAsync(typeof(InsertBaseline).Assembly.Location, port, "/health", ["serve-insert", port.ToString(), connectionString], new Dictionary<string, string?>(StringComparer.Ordinal));
    }
}
