using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>What it costs that silo and front end are processes of their own: the same relay once with both in one process, once with a silo and a front end.</summary>
internal static class SplitWorkloads
{
    public static async Task RunAsync(Report report, PostgresServer postgres)
    {
        const string Workload = "token relay over two hops, 20 sessions × 4 viewers × 30 tokens/s";
        const string BaselineName = "silo and front end in one process";
        await using var model = await FakeModel.StartAsync();
        model.TokensPerSecond = 30;
        model.TokensPerReply = 600;
        var together = await RelayWorkloads.LatencyAsync(await RelayTarget.ProductAsync(model, postgres), sessions: 20, viewers: 4);
        var apart = await RelayWorkloads.LatencyAsync(await RelayTarget.SplitProductAsync(model, postgres), sessions: 20, viewers: 4);
        report.Add(Workload, "p50 ms", apart.P50, together.P50, BaselineName, "", null);
        report.Add(Workload, "p99 ms", apart.P99, together.P99, BaselineName, "", null);
        report.Add(Workload, "p50 ms added", apart.P50 - together.P50, double.NaN, "", "≤ 1 ms", apart.P50 - together.P50 <= 1);
    }
}
