using System.Diagnostics;
using System.Threading.Channels;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Bench.Load;

namespace Warroom.Bench.Workloads;

/// <summary>What a call, an activation and a stream event cost inside one process. The baseline is the least that has turns: a mailbox (Channel) and a loop for each object.</summary>
internal static partial class EngineWorkloads
{
    private const string BaselineName = "Channel mailbox and loop";

    public static async Task RunAsync(Report report)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddMemoryStreams("warroom"));
        builder.ConfigureClient(client => client.AddMemoryStreams("warroom"));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        // Inside the silo, as the co-hosted front end is.
        var client = cluster.GetSiloServiceProvider().GetRequiredService<IClusterClient>();

        await OneCallerAsync(report, client);
        await ManyCallersAsync(report, client);
        await FirstCallsAsync(report, client);
        await StreamAsync(report, client);
    }

    /// <summary>The embedded engine's messages; nothing with another engine.</summary>
    public static Task WireAsync(Report report)
    {
        RunWire(report);
        return Task.CompletedTask;
    }

    static partial void RunWire(Report report);

    private static async Task OneCallerAsync(Report report, IGrainFactory client)
    {
        var grain = client.GetGrain<IEchoGrain>(-1);
        var mailbox = new Mailbox();
        async Task<double> CallsAsync(Func<int, Task<int>> call, int count)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var n = 0; n < count; n++)
                await call(n);
            return Stopwatch.GetElapsedTime(begun).TotalMicroseconds / count;
        }

        await CallsAsync(grain.EchoAsync, 300_000);
        await CallsAsync(mailbox.EchoAsync, 300_000);
        var ours = await BestAsync(() => CallsAsync(grain.EchoAsync, 500_000), lowest: true);
        var theirs = await BestAsync(() => CallsAsync(mailbox.EchoAsync, 500_000), lowest: true);
        report.Add("in-process grain call, one caller", "µs", ours, theirs, BaselineName, "≤ 2.5 µs", ours <= 2.5);
    }

    private static async Task ManyCallersAsync(Report report, IGrainFactory client)
    {
        var grains = Enumerable.Range(0, 1_000).Select(key => client.GetGrain<IEchoGrain>(key)).ToArray();
        var mailboxes = grains.Select(_ => new Mailbox()).ToArray();
        async Task<double> CallsAsync(Func<int, int, Task<int>> call, int each)
        {
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, 100).Select(caller => Task.Run(async () =>
            {
                for (var n = 0; n < each; n++)
                    await call(((caller * 7919) + n) % 1_000, n);
            })));
            return 100.0 * each / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }

        await CallsAsync((key, n) => grains[key].EchoAsync(n), 5_000);
        await CallsAsync((key, n) => mailboxes[key].EchoAsync(n), 5_000);
        var ours = await BestAsync(() => CallsAsync((key, n) => grains[key].EchoAsync(n), 30_000), lowest: false);
        var theirs = await BestAsync(() => CallsAsync((key, n) => mailboxes[key].EchoAsync(n), 30_000), lowest: false);
        report.Add("100 callers over 1,000 grains", "calls/s", ours, theirs, BaselineName, "≥ 1,500,000", ours >= 1_500_000);
    }

    private static async Task FirstCallsAsync(Report report, IGrainFactory client)
    {
        const int Count = 200_000;
        async Task<(double PerSecond, double BytesEach)> CreateAsync(Func<long, Task> first)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, 16).Select(lane => Task.Run(async () =>
            {
                for (var n = 0; n < Count / 16; n++)
                    await first(((long)lane * Count) + n + 1_000_000);
            })));
            var perSecond = Count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            return (perSecond, (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count);
        }

        var kept = new System.Collections.Concurrent.ConcurrentDictionary<long, Mailbox>();
        var theirs = await CreateAsync(key => kept.GetOrAdd(key, _ => new Mailbox()).EchoAsync(1));
        var ours = await CreateAsync(key => client.GetGrain<IEchoGrain>(key).EchoAsync(1));
        GC.KeepAlive(kept);
        report.Add("first call to new keys", "calls/s", ours.PerSecond, theirs.PerSecond, BaselineName, "≥ 100,000", ours.PerSecond >= 100_000);
        report.Add("memory per idle activation", "bytes", ours.BytesEach, theirs.BytesEach, BaselineName, "≤ 1,000", ours.BytesEach <= 1_000);
    }

    private static async Task StreamAsync(Report report, IClusterClient client)
    {
        var samples = new Samples();
        var stream = client.GetStreamProvider("warroom").GetStream<StampedEvent>(StreamId.Create("bench", 7L));
        var subscription = await stream.SubscribeAsync((item, _) =>
        {
            samples.Add(Stopwatch.GetTimestamp() - item.At);
            return Task.CompletedTask;
        });
        var publisher = client.GetGrain<IPublisherGrain>(7);
        await publisher.PublishAsync(20_000, TimeSpan.FromMicroseconds(50));
        samples.Clear();
        await publisher.PublishAsync(50_000, TimeSpan.FromMicroseconds(100));
        await subscription.UnsubscribeAsync();

        var hop = new Samples();
        var channel = Channel.CreateBounded<long>(1_000);
        var reading = Task.Run(async () =>
        {
            await foreach (var at in channel.Reader.ReadAllAsync())
                hop.Add(Stopwatch.GetTimestamp() - at);
        });
        for (var n = 0; n < 50_000; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            await channel.Writer.WriteAsync(Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMicroseconds(100))
                await Task.Yield();
        }

        channel.Writer.Complete();
        await reading;
        var (ours, theirs) = (samples.PercentilesMs(50, 99), hop.PercentilesMs(50, 99));
        report.Add("stream publish → handler", "p50 ms", ours[0], theirs[0], "Channel hop", "", null);
        report.Add("stream publish → handler", "p99 ms", ours[1], theirs[1], "Channel hop", "≤ 0.2 ms", ours[1] <= 0.2);
    }

    private static async Task<double> BestAsync(Func<Task<double>> run, bool lowest)
    {
        var runs = new List<double>();
        for (var n = 0; n < 3; n++)
            runs.Add(await run());
        return lowest ? runs.Min() : runs.Max();
    }

    private sealed class Mailbox
    {
        private readonly Channel<(int Value, TaskCompletionSource<int> Done)> _mail = Channel.CreateUnbounded<(int, TaskCompletionSource<int>)>(new UnboundedChannelOptions { SingleReader = true });

        public Mailbox() => _ = RunAsync();

        public Task<int> EchoAsync(int value)
        {
            var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _mail.Writer.TryWrite((value, done));
            return done.Task;
        }

        private async Task RunAsync()
        {
            await foreach (var (value, done) in _mail.Reader.ReadAllAsync())
                done.SetResult(value);
        }
    }
}
