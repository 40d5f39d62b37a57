using System.Diagnostics;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Calls between processes, and what travels with them.</summary>
public sealed class ClusterCallTests(ThreeSilos silos)
{
    [Fact]
    public async Task Grains_SpreadOverTheSilos_AndEachIsInOne()
    {
        var grains = Enumerable.Range(0, 90).Select(i => silos.Client.GetGrain<IPlaceGrain>($"{this.Key()} {i}")).ToList();
        var places = await Task.WhenAll(grains.Select(grain => grain.Where())).Soon();
        Assert.Equal(3, places.Distinct().Count());
        Assert.All(places.CountBy(place => place), count => Assert.InRange(count.Value, 10, 50));
        var asker = (await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key() + " asker"))[1];
        for (var i = 0; i < grains.Count; i++) Assert.Equal(places[i], await asker.WhereOf(grains[i]).Soon());
    }

    [Fact]
    public async Task Calls_ThatNobodyAwaits_RunInTheOrderOfTheirSending()
    {
        const int Count = 500;
        var expected = Enumerable.Range(0, Count).Select(number => $"{number}");
        var grains = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key());
        foreach (var grain in grains)
        {
            var calls = Enumerable.Range(0, Count).Select(grain.Note).ToList();
            await Task.WhenAll(calls).Soon();
            Assert.Equal(expected, Recording.Of(grain.GetPrimaryKeyString()).Lines);
        }

        var others = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key() + " others");
        await grains[0].NoteTo(others[1], Count).Soon();
        Assert.Equal(expected, Recording.Of(others[1].GetPrimaryKeyString()).Lines);
    }

    [Fact]
    public async Task Exception_ArrivesAsWhatItWas()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            var failure = await Assert.ThrowsAsync<PlaceFailureException>(() => grain.Fail("for this reason").Soon());
            Assert.Equal("for this reason", failure.Message);
            Assert.Contains(nameof(PlaceGrain.Fail), failure.StackTrace, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelled_WhileItRuns_EndsForBoth()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            using var cancellation = new CancellationTokenSource();
            var call = grain.Hold("a", cancellation.Token);
            var recording = Recording.Of(grain.GetPrimaryKeyString());
            await recording.HasAsync("a begins");
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
            await recording.HasAsync("a cancelled");
        }
    }

    [Fact]
    public async Task Cancelled_WhileItWaits_NeverRuns()
    {
        var grain = (await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))[2];
        var recording = Recording.Of(grain.GetPrimaryKeyString());
        var first = grain.Hold("a");
        await recording.HasAsync("a begins");
        using var cancellation = new CancellationTokenSource();
        var second = grain.Hold("b", cancellation.Token);
        var third = grain.Echo("after both");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());

        // A round on the same connection: what was sent before it has arrived.
        await (await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key() + " others"))[2].Where().Soon();
        recording.Open("a");
        await first.Soon();
        Assert.Equal("after both", await third.Soon());
        Assert.DoesNotContain("b begins", recording.Lines);
    }

    [Fact]
    public async Task Call_WithoutAnAnswer_TimesOut_AndNothingIsLeftOfIt()
    {
        await using var own = await ThreeSilos.StartAsync();
        var grains = await ThreeSilos.OneInEachAsync(own, this.Key());
        foreach (var grain in grains) await grain.Never().TimesOutAsync();
        await Eventually.HoldsAsync("no pending calls", () => Pending.Of(own) == 0);

        // Grains that never end would hold up a silo that stops in order.
        foreach (var silo in own.Silos) await own.KillSiloAsync(silo);
    }

    [Fact]
    public async Task OneWay_Runs_AndItsExceptionIsNobodys()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            await grain.Hint("bad hint");
            await grain.Hint("good hint");
            await Recording.Of(grain.GetPrimaryKeyString()).HasAsync("good hint");
            Assert.Equal("still there", await grain.Echo("still there").Soon());
        }
    }

    [Fact]
    public async Task RequestContext_GoesWithTheCall_AndWithItsCalls()
    {
        var grains = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key());
        RequestContext.Set("who", "me");
        foreach (var grain in grains)
        {
            Assert.Equal("me", await grain.ValueThrough(null, "who").Soon());
            if (grain != grains[0]) Assert.Equal("me", await grain.ValueThrough(grains[0], "who").Soon());
            Assert.Null(await grain.ValueThrough(null, "what").Soon());
        }

        RequestContext.Clear();
        Assert.Null(await grains[1].ValueThrough(grains[2], "who").Soon());
    }

    [Fact]
    public async Task CallChain_ThatIsAllowedTo_ComesBackOverProcesses()
    {
        var grains = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key());
        Assert.Equal("back and forth", await grains[0].ComesBack(grains[1], allowed: true).Soon());
    }

    [Fact]
    public async Task Sequence_ArrivesInOrder_AndRunsNotFarAhead()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            var recording = Recording.Of(grain.GetPrimaryKeyString());
            var next = 0;
            await foreach (var number in grain.Numbers(1_000))
            {
                Assert.Equal(next++, number);
                if (number == 10)
                {
                    await Eventually.HoldsAsync("the grain to be ahead", () => recording.Lines.Count > 100);
                    Assert.InRange(recording.Lines.Count, 100, 350);
                }
            }

            Assert.Equal(1_000, next);
            await recording.HasAsync("numbers end");
        }
    }

    [Fact]
    public async Task Sequence_BrokenOff_EndsTheGrainsMethodBeforeTheCallerGoesOn()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            await foreach (var number in grain.Numbers(1_000_000))
                if (number == 3) break;
            Assert.Contains("numbers end", Recording.Of(grain.GetPrimaryKeyString()).Lines);
        }

        await Eventually.HoldsAsync("no pending calls", () => Pending.Of(silos.Cluster) == 0);
    }

    [Fact]
    public async Task Sequence_Cancelled_EndsForBoth()
    {
        var grain = (await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))[1];
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var number in grain.Numbers(1_000_000).WithCancellation(cancellation.Token))
                if (number == 3) await cancellation.CancelAsync();
        });
        await Recording.Of(grain.GetPrimaryKeyString()).HasAsync("numbers end");
    }

    [Fact]
    public async Task Sequence_ThatFails_ThrowsTheGrainsException()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            var failure = await Assert.ThrowsAsync<PlaceFailureException>(async () =>
            {
                await foreach (var _ in grain.Numbers(-1))
                {
                }
            });
            Assert.Equal("no numbers", failure.Message);
        }
    }

    [Fact]
    public async Task Observer_OfTheClient_IsCalledFromEverySilo_InOrder()
    {
        var listener = new Listener();
        var reference = silos.Client.CreateObjectReference<IPlaceListener>(listener);
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            listener.Heard.Clear();
            await grain.Tell(reference, 50).Soon();
            Assert.Equal(Enumerable.Range(0, 50), listener.Heard);
        }

        silos.Client.DeleteObjectReference<IPlaceListener>(reference);
        var some = (await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))[0];
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => some.Tell(reference, 1).Soon());
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Observer_OfASilo_IsCalledFromOthers()
    {
        var listener = new Listener();
        var host = silos.Cluster.Silos[0].ServiceProvider;
        var factory = (IGrainFactory)host.GetService(typeof(IGrainFactory))!;
        var reference = factory.CreateObjectReference<IPlaceListener>(listener);
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key())) await grain.Tell(reference, 5).Soon();
        Assert.Equal(15, listener.Heard.Count);
    }

    [Fact]
    public async Task Trace_OfTheCaller_IsTheParentOfTheGrains()
    {
        var seen = new List<Activity>();
        using var hearing = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Orleans.Application",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (seen) seen.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(hearing);
        var builder = new Orleans.TestingHost.InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) => Orleans.Hosting.CoreHostingExtensions.AddActivityPropagation(silo));
        builder.ConfigureClient(client => Orleans.Hosting.ClientBuilderExtensions.AddActivityPropagation(client));
        await using var own = builder.Build();
        await own.DeployAsync();
        var grains = await ThreeSilos.OneInEachAsync(own, this.Key());
        using var root = new Activity("root").Start();
        await grains[0].WhereOf(grains[1]).Soon();
        root.Stop();
        await Eventually.HoldsAsync("four activities", () =>
        {
            lock (seen) return seen.Count(activity => activity.TraceId == root.TraceId) >= 4;
        });
        lock (seen)
        {
            var own4 = seen.Where(activity => activity.TraceId == root.TraceId).ToList();
            var inner = own4.Single(activity => activity.Kind == ActivityKind.Server && activity.OperationName.EndsWith("/Where", StringComparison.Ordinal));
            Assert.True(inner.HasRemoteParent);
            var sent = own4.Single(activity => activity.Kind == ActivityKind.Client && activity.SpanId == inner.ParentSpanId);
            Assert.Equal(own4.Single(activity => activity.Kind == ActivityKind.Server && activity.OperationName.EndsWith("/WhereOf", StringComparison.Ordinal)).SpanId, sent.ParentSpanId);
        }
    }

    [Fact]
    public async Task Frame_TooLarge_IsRefusedBeforeItIsSent_OrAnsweredAsAFailure()
    {
        foreach (var grain in await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key()))
        {
            Assert.Equal(3_000_000, (await grain.Big(new byte[3_000_000], 3_000_000).Soon()).Length);
            await Assert.ThrowsAsync<LimitExceededException>(() => grain.Big(new byte[5_000_000], 1).Soon());

            // The call ran: whoever hears "limit exceeded" would take it for one that did not.
            var tooLarge = await Assert.ThrowsAsync<OrleansException>(() => grain.Big([1], 5_000_000).Soon());
            Assert.Contains("was executed", tooLarge.Message, StringComparison.Ordinal);
            Assert.Equal("still there", await grain.Echo("still there").Soon());
        }
    }

    [Fact]
    public async Task Management_CountsOverAllSilos()
    {
        var grains = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key());
        var management = silos.Client.GetGrain<IManagementGrain>(0);
        var details = await management.GetDetailedGrainStatistics([typeof(PlaceGrain).FullName!]).Soon();
        foreach (var grain in grains)
        {
            var detail = Assert.Single(details, detail => detail.GrainId == grain.GetGrainId());
            Assert.Equal(await grain.Where(), detail.SiloAddress!.ToParsableString());
            Assert.Equal(detail.SiloAddress, await management.GetActivationAddress(grain));
        }

        Assert.Equal(3, (await management.GetRuntimeStatistics([]).Soon()).Length);
    }

    private sealed class Listener : IPlaceListener
    {
        public List<int> Heard { get; } = [];

        public Task<int> Hear(int number)
        {
            lock (Heard) Heard.Add(number);
            return Task.FromResult(number);
        }
    }
}
