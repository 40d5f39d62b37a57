using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Membership;

/// <summary>What callers see of silos that come, go and die: several in this process, over real sockets.</summary>
public sealed class ClusterUnderLoadTests
{
    private const int Grains = 60;
    private const int Callers = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Silos_ThatComeAndGo_CostNoCallAndNoOrder(int underWay)
    {
        await using var cluster = await StartAsync();
        using var load = new Load(cluster.Client, this.Key() + underWay, underWay);
        await load.TakesAsync(2_000);
        var added = await cluster.StartAdditionalSiloAsync();
        await load.TakesAsync(2_000);
        await cluster.StopSiloAsync(cluster.Silos[0]).Soon();
        await load.TakesAsync(2_000);
        await cluster.StopSiloAsync(added).Soon();
        await load.TakesAsync(2_000);
        await load.StopAsync();

        Assert.Empty(load.Failures);
        foreach (var key in load.Keys) Assert.Empty(LoadGrain.Of(key).Wrong);
        foreach (var key in load.Keys) Assert.Empty(LoadGrain.Of(key).OutOfOrder);
        Assert.InRange(load.Keys.Sum(key => LoadGrain.Of(key).Activations), Grains + 20, Grains * 4);
    }

    [Fact]
    public async Task Silo_ThatIsKilled_IsReplacedAndNothingRunsTwice()
    {
        await using var cluster = await StartAsync();
        using var load = new Load(cluster.Client, this.Key(), underWay: 5);
        await load.TakesAsync(2_000);
        var victim = cluster.Silos[1];
        foreach (var key in load.Keys) LoadGrain.Of(key).Kill(victim.SiloAddress);
        var killed = Stopwatch.GetTimestamp();
        await cluster.KillSiloAsync(victim);
        await Task.WhenAll(load.Keys.Select(key => AnswersAsync(cluster.Client.GetGrain<ILoadGrain>(key), key)));
        var took = Stopwatch.GetElapsedTime(killed);
        await load.StopAsync();

        foreach (var key in load.Keys) Assert.Empty(LoadGrain.Of(key).Wrong);
        Assert.All(load.Failures, failure => Assert.True(failure is SiloUnavailableException or TimeoutException, failure.ToString()));
        TestContext.Current.SendDiagnosticMessage("All {0} grains answered {1:0} ms after the kill; {2} calls failed.", Grains, took.TotalMilliseconds, load.Failures.Count);
    }

    [Fact]
    public async Task Silo_WithManyActivations_IsDrainedInTime()
    {
        const int Many = 10_000;
        await using var cluster = await StartAsync();
        var grains = Enumerable.Range(0, Many).Select(i => cluster.Client.GetGrain<ILoadGrain>($"{this.Key()} {i}")).ToList();
        foreach (var some in grains.Chunk(500)) await Task.WhenAll(some.Select(grain => grain.Take("all", 0))).Soon();
        var before = cluster.Silos.Sum(ActivationsOf);
        var silo = cluster.Silos[2];
        var drained = ActivationsOf(silo);
        var started = Stopwatch.GetTimestamp();
        await cluster.StopSiloAsync(silo).Soon();
        var took = Stopwatch.GetElapsedTime(started);
        Assert.True(before >= Many);
        Assert.InRange(drained, 2_500, 4_500);
        foreach (var some in grains.Chunk(500)) await Task.WhenAll(some.Select(grain => grain.Take("all", 1))).Soon();

        // Whoever was not deactivated within the stop's own limit is now active twice.
        foreach (var grain in grains) Assert.Empty(LoadGrain.Of(grain.GetPrimaryKeyString()).Wrong);
        TestContext.Current.SendDiagnosticMessage("A silo with {0} activations was drained in {1:0} ms.", drained, took.TotalMilliseconds);
    }

    private static int ActivationsOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<SiloRuntime>().Catalog.ActivationCount;

    private static async Task<InProcessTestCluster> StartAsync()
    {
        var cluster = new InProcessTestClusterBuilder(3).Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static Task AnswersAsync(ILoadGrain grain, string key)
    {
        var number = 0;
        return Eventually.SucceedsAsync($"{key} to answer", async () => await grain.Take("after the kill", number++));
    }

    /// <summary>Callers that each call each grain, several calls under way, without waiting for one before the next.</summary>
    private sealed class Load : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly List<Task> _callers;
        private int _taken;

        public Load(IClusterClient client, string name, int underWay)
        {
            Keys = [.. Enumerable.Range(0, Grains).Select(i => $"{name} {i}")];
            _callers = [.. Keys.SelectMany(key => Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client.GetGrain<ILoadGrain>(key), $"caller {caller}", underWay))))];
        }

        public IReadOnlyList<string> Keys { get; }

        public ConcurrentQueue<Exception> Failures { get; } = new();

        /// <summary>Completes when so many more calls have been answered.</summary>
        public Task TakesAsync(int more)
        {
            var until = Volatile.Read(ref _taken) + more;
            return Eventually.HoldsAsync($"{more} more calls", () => Volatile.Read(ref _taken) >= until || !Failures.IsEmpty);
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_callers).Soon();
        }

        public void Dispose()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        private async Task CallAsync(ILoadGrain grain, string caller, int max)
        {
            var underWay = new Queue<Task<int>>();
            for (var number = 0; !_stop.IsCancellationRequested; number++)
            {
                underWay.Enqueue(grain.Take(caller, number));
                if (underWay.Count >= max) await AnswerAsync(underWay.Dequeue());
            }

            while (underWay.TryDequeue(out var call)) await AnswerAsync(call);
        }

        private async Task AnswerAsync(Task<int> call)
        {
            try
            {
                await call;
                Interlocked.Increment(ref _taken);
            }
            catch (Exception exception)
            {
                Failures.Enqueue(exception);
            }
        }
    }
}
