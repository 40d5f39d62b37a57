using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Calls;

/// <summary>What goes to a grain and what comes back.</summary>
public sealed class CallTests(EngineCluster cluster)
{
    [Fact]
    public async Task Call_EachReturnKind_Answers()
    {
        var grain = Kinds();
        await grain.Nothing();
        await grain.Light();
        Assert.Equal(42, await grain.Number(40));
        Assert.Equal("text 40", await grain.Number("40"));
        Assert.Equal("light", await grain.LightText("light"));
        Assert.Null(await grain.LightText(null));
    }

    [Fact]
    public async Task Call_GenericMethod_AnswersForEachType()
    {
        var grain = Kinds();
        Assert.Equal("text", await grain.Generic("text"));
        Assert.Equal(3.5, await grain.Generic(3.5));
        Assert.Equal([1, 2], await grain.Generic<List<int>>([1, 2]));
        Assert.Null(await grain.Generic<Letter?>(null));
    }

    [Fact]
    public async Task Call_Record_KeepsItsMembers()
    {
        var answer = await Kinds().Answer(new Letter("hello", [1, 2, 3], DayOfWeek.Monday));
        Assert.Equal(("Re: hello", DayOfWeek.Tuesday), (answer.Text, answer.Day));
        Assert.Equal([1, 2, 3], answer.Numbers);
    }

    [Fact]
    public async Task Call_ReferenceAsArgumentAndResult_CanBeCalled()
    {
        var grain = Kinds();
        var itself = await grain.Itself();
        Assert.Equal(grain, itself);
        Assert.Equal(5, await grain.Ask(Kinds("other"), 5));
        Assert.Equal(grain.GetGrainId(), itself.GetGrainId());
    }

    [Fact]
    public async Task Call_OptionalArgument_HasItsDefault() => Assert.Equal(7, await Kinds().Optional());

    [Fact]
    public async Task Exception_OfAGrain_KeepsTypeMembersAndPlace()
    {
        var odd = await Assert.ThrowsAsync<OddException>(() => Kinds().Throw());
        Assert.Equal(("odd", 41), (odd.Message, odd.Code));
        Assert.Contains(nameof(KindsGrain), odd.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_ThrownBeforeATaskExists_ComesThroughTheTask()
    {
        var call = Kinds().ThrowAtOnce();
        var exception = await Assert.ThrowsAsync<InvalidCastException>(() => call);
        Assert.Equal("inner", Assert.IsType<FormatException>(exception.InnerException).Message);
    }

    [Fact]
    public async Task Exception_OfAValueTask_Comes() => await Assert.ThrowsAsync<KeyNotFoundException>(async () => await Kinds().ThrowLight());

    [Fact]
    public async Task Exception_ThroughTwoGrains_StaysTheSame() =>
        Assert.Equal(41, (await Assert.ThrowsAsync<OddException>(() => Kinds().PassOn(this.Key() + " other"))).Code);

    [Fact]
    public async Task Grain_AfterAnException_AnswersOn()
    {
        var grain = Kinds();
        await grain.Nothing();
        await Assert.ThrowsAsync<OddException>(grain.Throw);
        Assert.Equal(1, await grain.Number(0));
    }

    [Fact]
    public async Task OneWay_ToAGrainThatHolds_DoesNotWait()
    {
        await cluster.Client.GetGrain<IOneWayGrain>(this.Key()).Hold("held").Soon();
        Assert.Empty(Recording.Of(this.Key()).Lines);
        Recording.Of(this.Key()).Open();
        await Recording.Of(this.Key()).HasAsync("held");
    }

    [Fact]
    public async Task OneWay_ThatThrows_TellsNobodyAndTheGrainGoesOn()
    {
        var grain = cluster.Client.GetGrain<IOneWayGrain>(this.Key());
        await grain.Fail();
        await Recording.Of(this.Key()).HasAsync("fails");
        await grain.FailLater();
        await Recording.Of(this.Key()).HasAsync("fails later");
        await grain.Note("goes on");
        await Recording.Of(this.Key()).HasAsync("goes on");
    }

    [Fact]
    public async Task Calls_FiveHundredUnawaitedFromGrainToGrain_ArriveInOrder()
    {
        await cluster.Client.GetGrain<ISenderGrain>(this.Key()).Send(this.Key(), 500).Soon();
        Assert.Equal(Enumerable.Range(0, 500), await cluster.Client.GetGrain<IReceiverGrain>(this.Key()).Received());
    }

    private IKindsGrain Kinds(string suffix = "", [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        cluster.Client.GetGrain<IKindsGrain>(this.Key(name) + suffix);
}
