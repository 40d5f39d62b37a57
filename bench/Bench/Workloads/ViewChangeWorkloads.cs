using System.Diagnostics;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>100,000 activations on three silos: what a silo costs that comes, is drained, and dies, while calls go on.</summary>
internal static class ViewChangeWorkloads
{
    private const int Activations = 100_000;
    private const int Callers = 16;
    private const string Workload = "100,000 activations, 3 silos, 16 callers";

    public static async Task RunAsync(Report report, PostgresServer postgres)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SiloProcess.PrepareAsync(database.ConnectionString);
        await using var first = await SiloProcess.StartAsync(database.ConnectionString);
        await using var second = await SiloProcess.StartAsync(database.ConnectionString);
        using var host = await SiloProcess.ConnectAsync(database.ConnectionString);
        var client = host.Services.GetRequiredService<IClusterClient>();
        await TouchAllAsync(client);

        // A third of the grains move to it.
        var quiet = await UnderLoadAsync(client, () => Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System));
        SiloProcess? third = null;
        var joined = await UnderLoadAsync(client, async () => third = await SiloProcess.StartAsync(database.ConnectionString));
        Add(report, "a silo joins", joined, quiet);
        await TouchAllAsync(client);

        var begun = Stopwatch.GetTimestamp();
        var drain = TimeSpan.Zero;
        var drained = await UnderLoadAsync(client, async () =>
        {
            begun = Stopwatch.GetTimestamp();
            await second.StopAsync();
            drain = Stopwatch.GetElapsedTime(begun);
        });
        Add(report, "a silo is drained", drained, quiet);
        var allowed = Activations / 3.0 / 10_000;
        report.Add(Workload, "a silo is drained: seconds until its process ended", drain.TotalSeconds, double.NaN, "", $"≤ {allowed:F1} s (1 s per 10,000)", drain.TotalSeconds <= allowed);
        await TouchAllAsync(client);

        var killed = await UnderLoadAsync(client, async () =>
        {
            await first.DisposeAsync();
            await TouchAllAsync(client);
        });
        report.Add(Workload, "a silo is killed: longest call, s", killed.LongestMs / 1000, double.NaN, "", "≤ 10 s", killed.LongestMs <= 10_000);
        if (third is not null)
            await third.DisposeAsync();
    }

    private static void Add(Report report, string what, Load load, Load quiet)
    {
        report.Add(Workload, $"{what}: longest call, ms", load.LongestMs, quiet.LongestMs, "no change of silos", "", null);
        report.Add(Workload, $"{what}: failed calls", load.Failed, double.NaN, "", "0", load.Failed == 0);
    }

    /// <summary>Has every grain answer; calls that a dead silo took along are made again.</summary>
    private static async Task TouchAllAsync(IClusterClient client) => await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
    {
        for (var key = caller; key < Activations; key += 64)
        {
            while (true)
            {
                try
                {
                    await client.GetGrain<IEchoGrain>(key).EchoAsync(key);
                    break;
                }
                catch (Exception exception) when (exception is Orleans.Runtime.SiloUnavailableException or TimeoutException)
                {
                    // Its silo died with the call.
                }
            }
        }
    })));

    private static async Task<Load> UnderLoadAsync(IClusterClient client, Func<Task> action)
    {
        using var stop = new CancellationTokenSource();
        long longest = 0;
        var failed = 0;
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var n = caller; !stop.IsCancellationRequested; n += Callers)
            {
                var begun = Stopwatch.GetTimestamp();
                try
                {
                    await client.GetGrain<IEchoGrain>((n * 7919L) % Activations).EchoAsync(n);
                }
                catch (Exception exception) when (exception is Orleans.Runtime.SiloUnavailableException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }

                var took = Stopwatch.GetTimestamp() - begun;
                for (var known = Volatile.Read(ref longest); took > known; known = Volatile.Read(ref longest))
                    Interlocked.CompareExchange(ref longest, took, known);
            }
        })).ToArray();
        await action();
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        return new Load(TimeSpan.FromSeconds(longest / (double)Stopwatch.Frequency).TotalMilliseconds, failed);
    }

    private sealed record Load(double LongestMs, int Failed);
}
