using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Turns;

/// <summary>One call at a time, unless the grain says otherwise.</summary>
public sealed class TurnTests(EngineCluster cluster)
{
    [Fact]
    public async Task Call_WhileAnotherAwaits_WaitsForItsEnd()
    {
        var held = Strict().Hold("a");
        await Record().HasAsync("a begins");
        var said = Strict().Say("b");
        await Strict().SayBetween("between");
        Record().Open("a");
        await Task.WhenAll(held, said).Soon();
        Assert.Equal(["a begins", "between", "a ends", "b"], Record().Lines);
    }

    [Fact]
    public async Task Awaits_OfEveryKind_ComeBackToTheGrainsScheduler() => Assert.True(await Strict().StaysOnItsScheduler());

    [Fact]
    public async Task Readers_RunTogetherAndKeepWritersOut()
    {
        var reading = Strict().HoldReading("a");
        await Record().HasAsync("a begins");
        var more = Strict().HoldReading("b");
        await Record().HasAsync("b begins");
        var writing = Strict().Say("written");
        await Strict().SayBetween("between");
        Record().Open("b");
        await more.Soon();
        Assert.DoesNotContain("written", Record().Lines);
        Record().Open("a");
        await Task.WhenAll(reading, writing).Soon();
        Assert.Equal("written", Record().Lines[^1]);
    }

    [Fact]
    public async Task Reader_WhileAWriterAwaits_Waits()
    {
        var writing = Strict().Hold("a");
        await Record().HasAsync("a begins");
        var reading = Strict().SayReading("read");
        await Strict().SayBetween("between");
        Assert.DoesNotContain("read", Record().Lines);
        Record().Open("a");
        await Task.WhenAll(writing, reading).Soon();
    }

    [Fact]
    public async Task CallChain_BackToTheCaller_TimesOut() =>
        await Strict().CallBack(this.Key() + " other", "strictly").TimesOutAsync();

    [Fact]
    public async Task CallChain_BackToTheCallerWhereAllowed_Arrives() =>
        Assert.Equal("arrived", await Strict().CallBack(this.Key() + " other", "allowed").Soon());

    [Fact]
    public async Task CallChain_AllowedAndSuppressed_TimesOut() =>
        await Strict().CallBack(this.Key() + " other", "suppressed").TimesOutAsync();

    [Fact]
    public async Task CallChain_Allowed_LetsNobodyElseIn()
    {
        // The section ends with its call: the next chain is as strict as ever.
        Assert.Equal("arrived", await Strict().CallItself(allow: true).Soon());
        await Strict().CallItself(allow: false).TimesOutAsync();
    }

    [Fact]
    public async Task Reentrant_CallsInterleaveButNeverRunAtOnce()
    {
        var grain = cluster.Client.GetGrain<ILooseGrain>(this.Key());
        var counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.Count())).Soon();
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Reentrant_CallRunsWhileAnotherAwaits()
    {
        var grain = cluster.Client.GetGrain<ILooseGrain>(this.Key());
        var held = grain.Hold("a");
        await Record().HasAsync("a begins");
        await grain.Say("b").Soon();
        Record().Open("a");
        await held.Soon();
        Assert.Equal(["a begins", "b", "a ends"], Record().Lines);
    }

    [Fact]
    public async Task Reentrant_AwaitingWhatAnotherThreadCompletes_ComesBackToItsScheduler()
    {
        var grain = cluster.Client.GetGrain<ILooseGrain>(this.Key());
        var waiting = grain.AwaitRelease();
        await grain.ReleaseFromThePool().Soon();
        Assert.True(await waiting.Soon());
    }

    [Fact]
    public async Task MayInterleave_LetsInWhatThePredicateTakes()
    {
        var grain = cluster.Client.GetGrain<IChoosyGrain>(this.Key());
        var held = grain.Hold("a");
        await Record().HasAsync("a begins");
        var patient = grain.Say("patient");
        await grain.Say("urgent").Soon();
        Record().Open("a");
        await Task.WhenAll(held, patient).Soon();
        Assert.Equal(["a begins", "urgent", "a ends", "patient"], Record().Lines);
    }

    [Fact]
    public async Task StatelessWorker_GrowsToItsLimitAndQueuesTheRest()
    {
        var grain = cluster.Client.GetGrain<IPoolGrain>(1);
        var calls = Enumerable.Range(0, 6).Select(_ => grain.Work(this.Key())).ToList();
        await Record().CountAsync(3);
        Assert.Equal(3, Record().Lines.Distinct().Count());
        Record().Open();
        Assert.True((await Task.WhenAll(calls).Soon()).Distinct().Count() <= 3);
    }

    private IStrictGrain Strict([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IStrictGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
