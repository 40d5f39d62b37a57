using Orleans.Storage;
using Warroom.Testing.Persistence;

namespace Warroom.Persistence;

public sealed class PipelinedLogTests
{
    private static readonly Guid[] Operations = [.. Enumerable.Range(0, 8).Select(_ => Guid.NewGuid())];

    [Fact]
    public async Task Append_WhileOthersAreInFlight_IsHandedOverOnTopOfThem()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();

        var first = await log.BeginAsync(Operations[0], Tally.Add("a"));
        var second = await log.BeginAsync(Operations[1], Tally.Add("b"));
        var third = await log.BeginAsync(Operations[2], Tally.Add("c"));

        var held = await log.Store.WhenHeldAsync(3);
        Assert.Equal([0L, 1, 2], held.Select(append => append.Append.ExpectedVersion));
        Assert.Equal([0L, 1, 1], held.Select(append => append.Append.ExpectedEpoch));
        Assert.All(held, append => Assert.Equal(1, append.Append.Epoch));
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);
        Assert.Null(await log.StateAsync());

        held[0].Complete();
        Assert.Equal(1, (await Eventually.CompletesAsync("the first", first)).Seq);
        Assert.Equal(["a"], (await log.StateAsync())!.Bodies);
        Assert.False(second.IsCompleted || third.IsCompleted);

        held[1].Complete();
        held[2].Complete();
        Assert.Equal(2, (await second).Seq);
        Assert.Equal(3, (await third).Seq);
        Assert.Equal(["a", "b", "c"], (await log.StateAsync())!.Bodies);
    }

    [Fact]
    public async Task Completions_InAnotherOrder_AreTakenInTheOrderOfNumbersAndPublishedTogether()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var answers = new[] { await log.BeginAsync(Operations[0], Tally.Add("a")), await log.BeginAsync(Operations[1], Tally.Add("b")), await log.BeginAsync(Operations[2], Tally.Add("c")) };
        var held = await log.Store.WhenHeldAsync(3);
        foreach (var append in held)
            append.Apply();

        held[2].Complete();
        held[1].Complete();
        Assert.Equal(0, await log.VersionAsync());
        Assert.All(answers, answer => Assert.False(answer.IsCompleted));

        held[0].Complete();
        Assert.Equal([1L, 2, 3], (await Task.WhenAll(answers)).Select(answer => answer.Seq));
        await log.DrainAsync();
        Assert.Equal([1L, 2, 3], Assert.Single(log.Published).Events.Select(logged => logged.Seq));
    }

    [Fact]
    public async Task Completions_WithOneMissing_AreTakenUpToIt()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var answers = new[] { await log.BeginAsync(Operations[0], Tally.Add("a")), await log.BeginAsync(Operations[1], Tally.Add("b")), await log.BeginAsync(Operations[2], Tally.Add("c")) };
        var held = await log.Store.WhenHeldAsync(3);
        foreach (var append in held)
            append.Apply();

        held[2].Complete();
        held[0].Complete();
        Assert.Equal(1, (await Eventually.CompletesAsync("the first", answers[0])).Seq);
        Assert.Equal(1, await log.VersionAsync());
        Assert.False(answers[1].IsCompleted || answers[2].IsCompleted);

        held[1].Complete();
        Assert.Equal([1L, 2, 3], (await Task.WhenAll(answers)).Select(answer => answer.Seq));
        await log.DrainAsync();
        Assert.Equal([1L, 2, 3], log.PublishedSeqs);
    }

    [Fact]
    public async Task SlowListener_HoldsUpNoCaller_AndGetsWhatWaitedTogether()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = await TallyLog.LoadAsync(publish: _ => slow.Task);

        await log.AppendAsync("a");
        await log.AppendAsync("b");
        await log.AppendAsync("c");
        Assert.Single(log.Published);

        slow.SetResult();
        await log.DrainAsync();
        Assert.Equal([1, 2], log.Published.Select(commit => commit.Events.Length));
        Assert.Equal([1L, 2, 3], log.PublishedSeqs);
        Assert.Equal(["a", "b", "c"], log.Published[^1].State.Bodies);
    }

    [Fact]
    public async Task FailingListener_FailsNoCommandAndIsToldTheNextEvents()
    {
        var log = await TallyLog.LoadAsync(publish: _ => Task.FromException(new IOException("no listener")));

        Assert.Equal(1, (await log.AppendAsync("a")).Seq);
        await log.DrainAsync();
        Assert.Equal(2, (await log.AppendAsync("b")).Seq);
        await log.DrainAsync();

        Assert.Equal([1L, 2], log.PublishedSeqs);
    }

    [Fact]
    public async Task FailedAppend_FailsItsCallerAlone_AndThoseOnTopAreDecidedAgain()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        log.Store.Hold();
        var failing = await log.BeginAsync(Operations[0], Tally.Add("b"));
        var onTop = await log.BeginAsync(Operations[1], Tally.Add("c"));
        var alsoOnTop = await log.BeginAsync(Operations[2], Tally.Add("d"));
        var held = await log.Store.WhenHeldAsync(3);
        log.Store.Release();

        held[0].Fail(new IOException("no disk"));
        var during = await log.BeginAsync(Operations[3], Tally.Add("e"));
        Assert.False(failing.IsCompleted);
        held[1].Complete();
        held[2].Complete();

        Assert.Equal("no disk", (await Assert.ThrowsAsync<IOException>(() => failing)).Message);
        var seqs = (await Task.WhenAll(onTop, alsoOnTop, during)).Select(answer => answer.Seq).Order();
        Assert.Equal([2L, 3, 4], seqs);
        Assert.Equal(["a", "c", "d", "e"], (await log.StateAsync())!.Bodies.Order());
        Assert.Equal(2, log.Store.Loads);
        await log.DrainAsync();
        Assert.Equal([1L, 2, 3, 4], log.PublishedSeqs);
    }

    [Fact]
    public async Task Unchanged_WaitsForWhatItWasDecidedOn_AndIsDecidedAgainIfThatFails()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var failing = await log.BeginAsync(Operations[0], Tally.AddOnce("a"));
        var same = await log.BeginAsync(Operations[1], Tally.AddOnce("a"));
        var held = await log.Store.WhenHeldAsync(1);
        Assert.False(same.IsCompleted);
        log.Store.Release();
        held[0].Fail(new IOException("no disk"));

        await Assert.ThrowsAsync<IOException>(() => failing);
        var answer = await same;
        Assert.Equal((1L, false), (answer.Seq, answer.Repeated));
        Assert.Equal(["a"], answer.State.Bodies);
    }

    [Fact]
    public async Task Refusal_OnWhatThenFails_IsDecidedAgain()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var failing = await log.BeginAsync(Operations[0], Tally.Add("stop"));
        var refused = await log.BeginAsync(Operations[1], Tally.AddUnless("a", "stop"));
        var held = await log.Store.WhenHeldAsync(1);
        Assert.False(refused.IsCompleted);
        log.Store.Release();
        held[0].Fail(new IOException("no disk"));

        await Assert.ThrowsAsync<IOException>(() => failing);
        Assert.Equal(1, (await refused).Seq);
    }

    [Fact]
    public async Task Unchanged_Resent_GetsTheSameNumber()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        var found = await log.AppendAsync(Operations[0], Tally.AddOnce("a"));
        await log.AppendAsync("b");

        var again = await log.AppendAsync(Operations[0], Tally.AddOnce("a"));

        Assert.Equal((1L, false), (found.Seq, found.Repeated));
        Assert.Equal((1L, true), (again.Seq, again.Repeated));
        Assert.Equal(2, log.Store.Appends);
    }

    [Fact]
    public async Task RowThatCannotBeReadAgain_FailsThoseWhoWait_AndTheNextTriesAgain()
    {
        var log = await TallyLog.LoadAsync();
        log.FailOnce(AppendFault.FailBefore);
        log.Store.LoadFault = _ => new TimeoutException("no database");

        await Assert.ThrowsAsync<IOException>(() => log.AppendAsync("a"));
        await Assert.ThrowsAsync<TimeoutException>(() => log.AppendAsync("b"));
        log.Store.LoadFault = _ => null;

        Assert.Equal(1, (await log.AppendAsync("c")).Seq);
    }

    [Fact]
    public async Task Save_MovesTheStateAndNotTheVersion_AndTellsNobody()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        await log.DrainAsync();

        var saved = await log.SaveAsync("half a reply");
        await log.DrainAsync();

        Assert.Equal(1, saved.Seq);
        Assert.Equal("half a reply", (await log.StateAsync())!.Note);
        Assert.Equal("half a reply", log.Store.Row(log.OwnerId).State!.Note);
        Assert.Single(log.Published);
        Assert.Equal(2, (await log.AppendAsync("b")).Seq);
    }

    [Fact]
    public async Task FailedSave_IsNoHarmToAnAppendOnTopOfIt()
    {
        var log = await TallyLog.LoadAsync();
        await log.AppendAsync("a");
        log.Store.Fault = append => append.Events.Count == 0 ? AppendFault.FailBefore : AppendFault.None;

        var save = log.SaveAsync("lost");
        var append = log.AppendAsync("b");

        await Assert.ThrowsAsync<IOException>(() => save);
        Assert.Equal(2, (await append).Seq);
        Assert.Equal(["a", "b"], (await log.StateAsync())!.Bodies);
        Assert.Equal(3, (await log.AppendAsync("c")).Seq);
    }

    [Fact]
    public async Task TooManyInFlight_AreRefused()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Hold();
        var answers = new List<Task<LogResult<Tally>>>();
        for (var i = 0; i < PipelinedLog<Tally>.InFlightMax; i++)
            answers.Add(await log.BeginAsync(Guid.NewGuid(), state => LogDecision.Append(["x"], state ?? new([]))));

        var refusal = await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync("one more"));
        Assert.Equal((RefusalKind.TooMany, "tally.too_busy"), (refusal.Kind, refusal.ErrorCode));

        foreach (var held in await log.Store.WhenHeldAsync(answers.Count))
            held.Complete();
        await Eventually.CompletesAsync("all", Task.WhenAll(answers));
        Assert.Equal(answers.Count, await log.VersionAsync());
    }

    [Fact]
    public async Task OneThatIsLostAgainAndAgain_IsRefusedInTheEnd()
    {
        var log = await TallyLog.LoadAsync();
        log.Store.Fault = append => append.Events[0].Body == "blocks" ? AppendFault.FailBefore : AppendFault.None;
        var blockers = new List<Task<LogResult<Tally>>>();

        // Each time it is decided, another append that will fail gets in before it (no rule of the product does such a thing).
        var refusal = await Assert.ThrowsAsync<DomainException>(() => log.AppendAsync(Operations[0], state =>
        {
            blockers.Add(log.AppendInTurn(Tally.Add("blocks")));
            return Tally.Add("a")(state);
        }));

        Assert.Equal((RefusalKind.Unavailable, "tally.try_again"), (refusal.Kind, refusal.ErrorCode));
        Assert.Equal(PipelinedLog<Tally>.AttemptsMax, blockers.Count);
        foreach (var blocker in blockers)
            await Assert.ThrowsAsync<IOException>(() => blocker);
        Assert.Equal(1, (await log.AppendAsync("b")).Seq);
    }
}
