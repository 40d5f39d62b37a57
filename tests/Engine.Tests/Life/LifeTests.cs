using Orleans.Configuration;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Life;

/// <summary>How activations come and go.</summary>
public sealed class LifeTests(EngineCluster cluster)
{
    [Fact]
    public async Task FirstCalls_ManyAtOnce_MakeOneActivation()
    {
        var activations = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Mortal().Activation())).Soon();
        Assert.Single(activations.Distinct());
        Assert.Equal(["activates"], Record().Lines);
    }

    [Fact]
    public async Task Activation_ThatFails_TellsTheCallerAndTriesAgain()
    {
        var grain = cluster.Client.GetGrain<IStillbornGrain>(this.Key());
        Assert.Equal("try 1", (await Assert.ThrowsAsync<TimeZoneNotFoundException>(grain.Tries)).Message);
        Assert.Equal("try 2", (await Assert.ThrowsAsync<TimeZoneNotFoundException>(grain.Tries)).Message);
        Assert.Equal(3, await grain.Tries());
    }

    [Fact]
    public async Task Constructor_ThatFails_TellsTheCallerWhy()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => cluster.Client.GetGrain<IUnmakeableGrain>(this.Key()).Never().Soon());
        Assert.Contains("no good", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_CalledByHand_IsRefused() => Assert.ThrowsAny<Exception>(() => new MortalGrain());

    [Fact]
    public async Task DeactivateOnIdle_TakesEffectAfterTheTurn()
    {
        var first = await Mortal().EndWithin(wait: false);
        await Record().HasAsync("ends: ApplicationRequested");
        Assert.NotEqual(first, await Mortal().Activation());
    }

    [Fact]
    public async Task DeactivateOnIdle_WithCallsWaiting_LosesNone()
    {
        var ending = Mortal().EndWithin(wait: true);
        await Record().HasAsync("about to end");
        var waiting = Enumerable.Range(0, 50).Select(_ => Mortal().Activation()).ToList();
        Record().Open();
        var first = await ending.Soon();
        var later = await Task.WhenAll(waiting).Soon();
        Assert.DoesNotContain(first, later);
        Assert.Single(later.Distinct());
    }

    [Fact]
    public async Task Deactivation_ThatFails_StillEnds()
    {
        var grain = cluster.Client.GetGrain<IMortalGrain>(this.Key() + " bad end");
        var first = await grain.Activation();
        await grain.End();
        await Recording.Of(this.Key() + " bad end").HasAsync("ends: ApplicationRequested");
        Assert.NotEqual(first, await grain.Activation().Soon());
    }

    [Fact]
    public async Task PlainGrain_LivesEndsAndIsDisposedOf()
    {
        var grain = cluster.Client.GetGrain<IPlainGrain>(this.Key());
        Assert.Equal(this.Key(), await grain.Key());
        await grain.End();
        await Record().HasAsync("is disposed of");
        Assert.Equal(["activates", "ends", "is disposed of"], Record().Lines);
    }

    [Fact]
    public async Task Idle_LongerThanTheAge_Ends()
    {
        await using var hasty = await StartHastyAsync();
        var kept = hasty.Client.GetGrain<IImmortalGrain>(this.Key() + " kept");
        var asked = hasty.Client.GetGrain<IMortalGrain>(this.Key() + " asked");
        var busy = hasty.Client.GetGrain<IMortalGrain>(this.Key() + " busy");
        var (keptFirst, askedFirst, busyFirst) = (await kept.Activation(), await asked.Activation(), await busy.Activation());
        await asked.Stay(TimeSpan.FromMinutes(5));
        var held = busy.Hold("a");
        await Recording.Of(this.Key() + " busy").HasAsync("a begins");

        // Two that come one after the other: when the second has ended, the others had their chance.
        foreach (var name in new[] { " idle", " later" })
        {
            await hasty.Client.GetGrain<IMortalGrain>(this.Key() + name).Activation();
            await Recording.Of(this.Key() + name).HasAsync("ends: ActivationIdle");
        }

        Recording.Of(this.Key() + " busy").Open("a");
        await held.Soon();
        Assert.Equal(keptFirst, await kept.Activation());
        Assert.Equal(askedFirst, await asked.Activation());
        Assert.Equal(busyFirst, await busy.Activation());
    }

    [Fact]
    public async Task ForcedCollection_EndsTheIdleAndSparesTheBusy()
    {
        await using var own = await EngineCluster.StartAsync(_ => { });
        var busy = own.Client.GetGrain<IMortalGrain>(this.Key() + " busy");
        var held = busy.Hold("a");
        await Recording.Of(this.Key() + " busy").HasAsync("a begins");
        await own.Client.GetGrain<IMortalGrain>(this.Key()).Activation();
        await own.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero).Soon();
        await Record().HasAsync("ends: ActivationIdle");
        Assert.DoesNotContain("ends: ActivationIdle", Recording.Of(this.Key() + " busy").Lines);
        Recording.Of(this.Key() + " busy").Open("a");
        await held.Soon();
    }

    [Fact]
    public async Task Stop_OfTheSilo_EndsItsGrains()
    {
        var own = await EngineCluster.StartAsync(_ => { });
        await using (own)
        {
            for (var i = 0; i < 20; i++) await own.Client.GetGrain<IMortalGrain>($"{this.Key()} {i}").Activation();
            await own.StopSiloAsync(own.Silos[0]).Soon();
        }

        for (var i = 0; i < 20; i++) Assert.Equal(["activates", "ends: ShuttingDown"], Recording.Of($"{this.Key()} {i}").Lines);
    }

    private static Task<InProcessTestCluster> StartHastyAsync() => EngineCluster.StartAsync(silo => silo.Configure<GrainCollectionOptions>(options =>
    {
        options.CollectionQuantum = TimeSpan.FromMilliseconds(50);
        options.CollectionAge = TimeSpan.FromMilliseconds(200);
    }));

    private IMortalGrain Mortal([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IMortalGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
