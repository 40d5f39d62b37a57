using Orleans.Storage;
using Warroom.Testing.Persistence;

namespace Warroom.Persistence;

/// <summary>What callers are told when the store does not say what became of their append, when somebody else wrote, and when they send it again.</summary>
public sealed class PipelinedLogOutcomeTests
{
    private static readonly Guid[] Operations = [.. Enumerable.Range(0, 8).Select(_ => Guid.NewGuid())];

    [Fact]
    public async Task UnknownOutcome_NotApplied_IsSaidToBeUnknown_AndAResendStoresIt()
    {
        var log = await TallyLog.LoadAsync();
        log.FailOnce(AppendFault.UnknownNotApplied);

        var refusal = await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync(Operations[0], Tally.Add("a")));
        Assert.Equal((RefusalKind.Unknown, "tally.outcome_unknown"), (refusal.Kind, refusal.ErrorCode));

        var again = await log.AppendAsync(Operations[0], Tally.Add("a"));
        Assert.Equal((1L, false), (again.Seq, again.Repeated));
        Assert.Equal(["a"], again.State.Bodies);
    }

    [Fact]
    public async Task UnknownOutcome_Applied_IsFoundByTheRead_Published_AndAResendWritesNothing()
    {
        var log = await TallyLog.LoadAsync();
        log.FailOnce(AppendFault.UnknownApplied);

        await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync(Operations[0], Tally.Add("a")));
        await log.DrainAsync();
        Assert.Equal([1L], log.PublishedSeqs);
        Assert.Equal(["a"], (await log.StateAsync())!.Bodies);

        var again = await log.AppendAsync(Operations[0], Tally.Add("a"));
        Assert.Equal((1L, true), (again.Seq, again.Repeated));
        Assert.Equal(1, log.Store.Appends);
        Assert.Equal(2, (await log.AppendAsync("b")).Seq);
    }

    [Fact]
    public async Task UnknownOutcome_AppliedLate_IsARepeatOfTheResend()
    {
        var log = await TallyLog.LoadAsync();
        log.FailOnce(AppendFault.UnknownAppliedLate);

        await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync(Operations[0], Tally.Add("a")));
        var again = await log.AppendAsync(Operations[0], Tally.Add("a"));

        Assert.Equal((1L, true), (again.Seq, again.Repeated));
        Assert.Equal(["a"], again.State.Bodies);
        await log.DrainAsync();
        Assert.Equal([1L], log.PublishedSeqs);
    }

    [Fact]
    public async Task UnknownOutcome_WithADurableOneOnTop_IsKnownToBeThere()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var first = await log.BeginAsync(Operations[0], Tally.Add("a"));
        var second = await log.BeginAsync(Operations[1], Tally.Add("b"));
        var held = await log.Store.WhenHeldAsync(2);

        held[0].Apply();
        held[0].Fail(new AppendOutcomeUnknownException("broken off"));
        held[1].Complete();

        Assert.Equal(1, (await first).Seq);
        Assert.Equal(2, (await second).Seq);
        await log.DrainAsync();
        Assert.Equal([1L, 2], log.PublishedSeqs);
        Assert.Equal(1, log.Store.Loads);
    }

    [Fact]
    public async Task AnotherActivationWrote_EndsThisOne()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        log.Store.Steal(log.OwnerId);
        log.Store.Hold();
        var head = await log.BeginAsync(Operations[0], Tally.Add("b"));
        var onTop = await log.BeginAsync(Operations[1], Tally.Add("c"));
        foreach (var append in await log.Store.WhenHeldAsync(2))
            append.Complete();

        await Assert.ThrowsAsync<InconsistentStateException>(() => head);
        await Assert.ThrowsAsync<InconsistentStateException>(() => onTop);
        await Assert.ThrowsAsync<InconsistentStateException>(() => log.AppendAsync("d"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => log.StateAsync());
        Assert.Equal(1, log.Store.Row(log.OwnerId).Version);
    }

    [Fact]
    public async Task AnotherActivationWrote_WhileThisOneFailed_IsSeenByTheRead()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        log.Store.Fault = _ =>
        {
            log.Store.Steal(log.OwnerId);
            return AppendFault.FailBefore;
        };

        await Assert.ThrowsAsync<IOException>(() => log.AppendAsync("b"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => log.AppendAsync("c"));
    }

    [Fact]
    public async Task Resend_InFlight_JoinsIt_AndLaterCostsNoWrite()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var first = await log.BeginAsync(Operations[0], Tally.Add("a"));
        var joined = await log.BeginAsync(Operations[0], Tally.Add("a"));
        (await log.Store.WhenHeldAsync(1))[0].Complete();

        Assert.Equal((1L, false), ((await first).Seq, (await first).Repeated));
        Assert.Equal((1L, true), ((await joined).Seq, (await joined).Repeated));
        Assert.Equal((1L, true), ((await log.AppendAsync(Operations[0], Tally.Add("a"))).Seq, (await joined).Repeated));
        Assert.Equal(1, log.Store.Appends);
    }

    [Fact]
    public async Task Resend_OfAnEarlierActivationsOperation_IsARepeat_AndThoseOnTopAreDecidedAgain()
    {
        var earlier = await TallyLog.LoadAsync();
        await earlier.AppendAsync(Operations[0], Tally.Add("a"));
        await earlier.AppendAsync("b");
        var log = await TallyLog.LoadAsync(earlier.Store, earlier.OwnerId);
        log.Store.Hold();
        var resent = await log.BeginAsync(Operations[0], Tally.Add("a"));
        var onTop = await log.BeginAsync(Operations[1], Tally.Add("c"));
        var held = await log.Store.WhenHeldAsync(2);
        log.Store.Release();
        held[0].Complete();
        held[1].Complete();

        Assert.Equal((1L, true), ((await resent).Seq, (await resent).Repeated));
        Assert.Equal((3L, false), ((await onTop).Seq, (await onTop).Repeated));
        Assert.Equal(["a", "b", "c"], (await log.StateAsync())!.Bodies);
        Assert.Equal(2, log.Store.Row(log.OwnerId).Epoch);
    }

    [Fact]
    public async Task Resend_ThatLooksUnchangedOrRefusedNow_IsARepeatAllTheSame()
    {
        var earlier = await TallyLog.LoadAsync();
        await earlier.AppendAsync(Operations[0], Tally.AddOnce("a"));
        await earlier.AppendAsync(Operations[1], Tally.AddUnless("b", "b"));
        var log = await TallyLog.LoadAsync(earlier.Store, earlier.OwnerId);

        var unchanged = await log.AppendAsync(Operations[0], Tally.AddOnce("a"));
        var refused = await log.AppendAsync(Operations[1], Tally.AddUnless("b", "b"));

        Assert.Equal((1L, true), (unchanged.Seq, unchanged.Repeated));
        Assert.Equal((2L, true), (refused.Seq, refused.Repeated));
        await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync(Operations[2], Tally.AddUnless("b", "b")));
    }
}
