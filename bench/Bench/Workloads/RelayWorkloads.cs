using System.Diagnostics;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>Tokens from a model to viewers: at human speed, as fast as it goes, and with one viewer that stopped reading.</summary>
internal static class RelayWorkloads
{
    private sealed record Outcome(double P50, double P99, double PerSecond, double CpuPerMillion, long Received, double ServerGrowthMiB);

    public static async Task PacedAsync(Report report, PostgresServer postgres)
    {
        const string Workload = "token relay, 50 sessions × 4 viewers × 30 tokens/s";
        await using var model = await FakeModel.StartAsync();
        model.TokensPerSecond = 30;
        model.TokensPerReply = 600;
        // The ratio of two p99 varies by half from run to run: of three pairs, each run side by side, the middle one counts.
        var pairs = new List<(Outcome Baseline, Outcome Ours)>();
        for (var n = 0; n < 3; n++)
        {
            pairs.Add((
                await RunAsync(await RelayTarget.BaselineAsync(model), sessions: 50, viewers: 4, warmUp: TimeSpan.FromSeconds(4), stalled: false),
                await RunAsync(await RelayTarget.ProductAsync(model, postgres), sessions: 50, viewers: 4, warmUp: TimeSpan.FromSeconds(4), stalled: false)));
        }

        pairs.Sort((one, other) => (one.Ours.P99 / one.Baseline.P99).CompareTo(other.Ours.P99 / other.Baseline.P99));
        Console.WriteLine($"p99, ours to baseline: {string.Join(", ", pairs.Select(pair => (pair.Ours.P99 / pair.Baseline.P99).ToString("F2")))}");
        var (baseline, ours) = pairs[1];
        report.Add(Workload, "p50 ms", ours.P50, baseline.P50, "bare SignalR group relay", "≤ 1.3 ×", ours.P50 <= 1.3 * baseline.P50);
        report.Add(Workload, "p99 ms", ours.P99, baseline.P99, "bare SignalR group relay", "≤ 1.5 ×", ours.P99 <= 1.5 * baseline.P99);
        report.Add(Workload, "CPU-s per million deliveries", ours.CpuPerMillion, baseline.CpuPerMillion, "bare SignalR group relay", "≤ 1.25 ×", ours.CpuPerMillion <= 1.25 * baseline.CpuPerMillion);
    }

    public static async Task FlatOutAsync(Report report, PostgresServer postgres)
    {
        const string Workload = "relay as fast as it goes, 20 sessions × 10 viewers";
        await using var model = await FakeModel.StartAsync();
        model.TokensPerSecond = 0;
        model.TokensPerReply = 2_500;
        var baseline = await RunAsync(await RelayTarget.BaselineAsync(model), sessions: 20, viewers: 10, warmUp: TimeSpan.Zero, stalled: false, rounds: 4);
        var ours = await RunAsync(await RelayTarget.ProductAsync(model, postgres), sessions: 20, viewers: 10, warmUp: TimeSpan.Zero, stalled: false, rounds: 4);
        report.Add(Workload, "deliveries/s", ours.PerSecond, baseline.PerSecond, "bare SignalR group relay", "≥ 0.6 ×", ours.PerSecond >= 0.6 * baseline.PerSecond);
    }

    public static async Task StalledViewerAsync(Report report, PostgresServer postgres)
    {
        const string Workload = "the same at 30 tokens/s with one viewer that stopped reading";
        await using var model = await FakeModel.StartAsync();
        model.TokensPerSecond = 200;
        model.TokensPerReply = 3_000;
        var without = await RunAsync(await RelayTarget.ProductAsync(model, postgres), sessions: 4, viewers: 25, warmUp: TimeSpan.FromSeconds(3), stalled: false);
        var with = await RunAsync(await RelayTarget.ProductAsync(model, postgres), sessions: 4, viewers: 25, warmUp: TimeSpan.FromSeconds(3), stalled: true);
        report.Add(Workload, "others' p99 ms", with.P99, without.P99, "the run without it", "≤ 1.2 ×", with.P99 <= 1.2 * without.P99);
        report.Add(Workload, "server's growth MiB", with.ServerGrowthMiB, without.ServerGrowthMiB, "the run without it", "≤ 2 MiB more", with.ServerGrowthMiB - without.ServerGrowthMiB <= 2);
    }

    /// <summary>How old tokens are when viewers have them, in milliseconds.</summary>
    public static async Task<(double P50, double P99)> LatencyAsync(RelayTarget target, int sessions, int viewers)
    {
        var outcome = await RunAsync(target, sessions, viewers, warmUp: TimeSpan.FromSeconds(4), stalled: false);
        return (outcome.P50, outcome.P99);
    }

    private static async Task<Outcome> RunAsync(RelayTarget target, int sessions, int viewers, TimeSpan warmUp, bool stalled, int rounds = 1)
    {
        await using var owned = target;
        var samples = new Samples(sessions * viewers);
        var measuring = warmUp == TimeSpan.Zero;
        long received = 0;
        var clients = new List<HubClient>();
        var ids = new List<string>();
        for (var session = 0; session < sessions; session++)
        {
            var id = await target.NewSessionAsync();
            ids.Add(id);
            for (var viewer = 0; viewer < viewers; viewer++)
            {
                var lane = clients.Count;
                var client = new HubClient
                {
                    OnInvocation = message =>
                    {
                        // Tokens only: the committed events repeat the whole text, which is another thing.
                        if (message.IndexOf("reply_ended"u8) >= 0)
                            return;
                        Interlocked.Add(ref received, Stamp.Collect(message, Volatile.Read(ref measuring) ? samples : null, lane));
                    },
                };
                clients.Add(client);
                await client.ConnectAsync(target.Server.Address, target.Hub);
                await target.WatchAsync(client, id);
            }
        }

        HubClient? slow = null;
        if (stalled)
        {
            // Joins like the others and never reads: its TCP window fills, then the server's outbox for it.
            slow = new HubClient();
            await slow.ConnectAsync(target.Server.Address, target.Hub, receive: false);
            await slow.SendInvocationAsync("Watch", ids[0], 0);
        }

        double perSecond = 0;
        double cpuPerMillion = 0;
        var memory = target.Server.ResidentBytes;
        for (var round = 0; round < rounds; round++)
        {
            var before = Interlocked.Read(ref received);
            foreach (var id in ids)
                await target.StartReplyAsync(id);
            if (warmUp > TimeSpan.Zero)
            {
                await Task.Delay(warmUp, TimeProvider.System);
                before = Interlocked.Read(ref received);
                memory = target.Server.ResidentBytes;
                Volatile.Write(ref measuring, true);
            }

            var cpu = target.Server.CpuSeconds;
            var begun = Stopwatch.GetTimestamp();
            var (last, quietSince) = (Interlocked.Read(ref received), begun);
            while (Stopwatch.GetElapsedTime(quietSince) < TimeSpan.FromSeconds(1.5))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                if (Interlocked.Read(ref received) is var now && now != last)
                    (last, quietSince) = (now, Stopwatch.GetTimestamp());
            }

            var seconds = Stopwatch.GetElapsedTime(begun, quietSince).TotalSeconds;
            var delivered = last - before;
            perSecond = Math.Max(perSecond, delivered / seconds);
            cpuPerMillion = (target.Server.CpuSeconds - cpu) * 1_000_000 / delivered;
        }

        var growth = (target.Server.ResidentBytes - memory) / (1024.0 * 1024);
        foreach (var client in clients)
            await client.DisposeAsync();
        if (slow is not null)
            await slow.DisposeAsync();
        var latencies = samples.PercentilesMs(50, 99);
        return new Outcome(latencies[0], latencies[1], perSecond, cpuPerMillion, received, growth);
    }
}
