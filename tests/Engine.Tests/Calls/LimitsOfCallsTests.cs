using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Calls;

/// <summary>Calls that are given up: by a token, or because time is up.</summary>
public sealed class LimitsOfCallsTests(EngineCluster cluster)
{
    [Fact]
    public async Task Token_CancelledBeforehand_NothingIsSent()
    {
        Assert.Throws<OperationCanceledException>(() => { _ = Slow().Hold("a", new CancellationToken(canceled: true)); });
        await Slow().Say("next");
        Assert.Equal(["next"], Recording.Of(this.Key()).Lines);
    }

    [Fact]
    public async Task Token_CancelledWhileTheCallWaits_ItNeverRuns()
    {
        using var token = new CancellationTokenSource();
        var first = Slow().Hold("first");
        await Recording.Of(this.Key()).HasAsync("first begins");
        var second = Slow().Hold("second", token.Token);
        await token.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());

        // The caller does not wait for the grain to know. A call to another grain in the same silo (it has the same key) comes after the cancelling.
        await cluster.Client.GetGrain<IKindsGrain>(this.Key()).Nothing().Soon();
        Recording.Of(this.Key()).Open("first");
        Assert.Equal("first", await first.Soon());
        await Slow().Say("next").Soon();
        Assert.Equal(["first begins", "next"], Recording.Of(this.Key()).Lines);
    }

    [Fact]
    public async Task Token_CancelledWhileTheCallRuns_ReachesTheGrain()
    {
        using var token = new CancellationTokenSource();
        var call = Slow().Hold("a", token.Token);
        await Recording.Of(this.Key()).HasAsync("a begins");
        await token.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        await Recording.Of(this.Key()).HasAsync("a is cancelled");
    }

    [Fact]
    public async Task Token_CancelledThroughTwoGrains_ReachesTheSecond()
    {
        using var token = new CancellationTokenSource();
        var other = this.Key() + " other";
        var call = Slow().HoldOther(other, "a", token.Token);
        await Recording.Of(other).HasAsync("a begins");
        await token.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        await Recording.Of(other).HasAsync("a is cancelled");
    }

    [Fact]
    public async Task Token_CancelledAfterTheAnswer_TouchesNothing()
    {
        using var token = new CancellationTokenSource();
        Recording.Of(this.Key()).Open("a");
        Assert.Equal("a", await Slow().Hold("a", token.Token).Soon());
        await token.CancelAsync();
        Assert.DoesNotContain("a is cancelled", Recording.Of(this.Key()).Lines);
        Assert.Equal("a", await Slow().Hold("a").Soon());
    }

    [Fact]
    public async Task Answer_TooLate_IsATimeoutAndTheGrainFinishes()
    {
        await Slow().HoldShortly().TimesOutAsync();
        Recording.Of(this.Key()).Open();
        await Recording.Of(this.Key()).HasAsync("ends");
    }

    [Fact]
    public async Task Answer_LaterThanTheClientsLimit_IsATimeout()
    {
        await using var hasty = await EngineCluster.StartAsync(
            _ => { }, client => client.Configure<Orleans.Configuration.ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromMilliseconds(200)));
        var call = hasty.Client.GetGrain<ISlowGrain>(this.Key()).Hold("a");
        await call.TimesOutAsync();
        Recording.Of(this.Key()).Open("a");
    }

    private ISlowGrain Slow([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<ISlowGrain>(this.Key(name));
}
