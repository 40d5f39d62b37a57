using System.Diagnostics;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>How fast viewers can come, and what an idle one costs.</summary>
internal static class ConnectionWorkloads
{
    public static async Task RunAsync(Report report, PostgresServer postgres)
    {
        await using var model = await FakeModel.StartAsync();
        var baseline = await MeasureAsync(await RelayTarget.BaselineAsync(model));
        var ours = await MeasureAsync(await RelayTarget.ProductAsync(model, postgres));
        report.Add("1,000 connections at once", "connections/s", ours.PerSecond, baseline.PerSecond, "bare SignalR", "≥ 0.8 ×", ours.PerSecond >= 0.8 * baseline.PerSecond);
        report.Add("4,000 idle viewers", "kB each", ours.KilobytesEach, baseline.KilobytesEach, "bare SignalR", "≤ 1.15 ×", ours.KilobytesEach <= 1.15 * baseline.KilobytesEach);
    }

    private static async Task<(double PerSecond, double KilobytesEach)> MeasureAsync(RelayTarget target)
    {
        await using var owned = target;
        var session = await target.NewSessionAsync();
        var warm = await ConnectAsync(target, session, 200);
        var settled = target.Server.ResidentBytes;
        var begun = Stopwatch.GetTimestamp();
        var first = await ConnectAsync(target, session, 1_000);
        var perSecond = 1_000 / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var rest = await ConnectAsync(target, session, 3_000);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        var kilobytesEach = (target.Server.ResidentBytes - settled) / 4_000.0 / 1_000;
        foreach (var client in warm.Concat(first).Concat(rest))
            await client.DisposeAsync();
        return (perSecond, kilobytesEach);
    }

    private static async Task<IReadOnlyList<HubClient>> ConnectAsync(RelayTarget target, string session, int count)
    {
        var clients = Enumerable.Range(0, count).Select(_ => new HubClient()).ToArray();
        await Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (client, _) =>
        {
            await client.ConnectAsync(target.Server.Address, target.Hub);
            await target.WatchAsync(client, session);
        });
        return clients;
    }
}
