using Warroom.Faults.History;

using Xunit;

namespace Warroom.Faults.Checking;

/// <summary>The checker on histories made by hand: a good one, and for every verdict at least one that has this fault and no other.</summary>
public sealed class HistoryCheckerTests
{
    private static Forged Good() => new Forged()
        .Appended("a", 10, 20, 1).Appended("b", 30, 40, 2)
        .Stored("a").Stored("b").Owned(1, 1, "silo").Owned(2, 1, "silo");

    [Fact]
    public void Check_HistoryThatKeepsTheContract_FindsNothing()
    {
        var forged = Good()
            .Invoke("c", 50, OperationKind.ChangeIf, expected: 2).Return("c", 60, Outcome.Ok, version: 3).Stored("c", epoch: 2).Owned(3, 2, "other")
            .Invoke("d", 55).Return("d", 56, Outcome.Info).Invoke("d", 57).Return("d", 65, Outcome.Ok, seq: 4).Stored("d", epoch: 2).Owned(4, 2, "other")
            .Invoke("never", 70).Return("never", 75, Outcome.Info)
            .Invoke("refused", 70).Return("refused", 75, Outcome.Fail)
            .Read("r", 80, 90, 4)
            .Watch("v", 5, Watching.Join).Receive("v", 21, 1).Receive("v", 41, 2).Watch("v", 45, Watching.Cut).Watch("v", 66, Watching.Resume, 2).Receive("v", 67, 2, applied: false).Receive("v", 68, 3).Receive("v", 69, 4)
            .Run("run", "all of it", RunEnd.Done)
            .Add(new Token("v", Forged.Op("run"), 0, "all ")).Add(new Token("v", Forged.Op("run"), 4, "of it")).Add(new RunEnded("v", Forged.Op("run"), RunEnd.Done))
            .Add(new Nemesis("kill", FaultPhase.Start) { T = 50 });

        var report = forged.Check();

        Assert.Equal("", report.Describe(forged.History));
        Assert.Equal(7, report.Operations);
        Assert.Equal(2, report.UnknownAttempts);
        Assert.Equal((0, 1), (report.UnknownApplied, report.UnknownNotApplied));
        Assert.Equal(1, report.OwnershipMoves);
    }

    [Fact]
    public void Check_AcknowledgedAndNotStored_IsLost() => Assert.Equal([Verdict.Lost], Good().Appended("c", 50, 60, 3).Verdicts());

    [Fact]
    public void Check_AcknowledgedAtAnotherNumber_IsLost() => Assert.Equal([Verdict.Lost], new Forged().Appended("a", 10, 20, 2).Stored("a").Verdicts());

    [Fact]
    public void Check_ResendAcknowledgedAtAnotherNumber_IsLost() => Assert.Equal([Verdict.Lost], Good().Invoke("a", 50).Return("a", 60, Outcome.Ok, seq: 2).Verdicts());

    [Fact]
    public void Check_OperationStoredTwice_IsDuplicated() => Assert.Equal([Verdict.Duplicated], Good().Stored("b").Verdicts());

    [Fact]
    public void Check_ShownTwice_IsDuplicated() =>
        Assert.Equal([Verdict.Duplicated], Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Receive("v", 41, 2).Receive("v", 42, 2).Verdicts());

    [Fact]
    public void Check_StoredAndNeverBegun_IsPhantom() => Assert.Equal([Verdict.Phantom], Good().Stored("who?").Verdicts());

    [Fact]
    public void Check_StoredAndRefused_IsPhantom() => Assert.Equal([Verdict.Phantom], Good().Invoke("c", 50).Return("c", 60, Outcome.Fail).Stored("c").Verdicts());

    [Fact]
    public void Check_RefusedForGoodAfterAnAttemptThatDidIt_IsPhantom() =>
        Assert.Equal([Verdict.Phantom], Good().Invoke("c", 50).Return("c", 60, Outcome.Info).Invoke("c", 70).Return("c", 80, Outcome.Refused).Stored("c").Verdicts());

    [Fact]
    public void Check_UnknownAfterAFailureAndStored_IsFine() =>
        Assert.Empty(Good().Invoke("c", 50).Return("c", 60, Outcome.Fail).Invoke("c", 70).Return("c", 80, Outcome.Info).Stored("c").Verdicts());

    // The resend was acknowledged, but the first attempt, of which was said that nothing was done, must have done it: 4 was there before the resend began.
    [Fact]
    public void Check_DoneByAnAttemptThatSaidItFailed_IsReordered() =>
        Assert.Equal([Verdict.Reordered], Good().Invoke("c", 50).Return("c", 60, Outcome.Fail).Appended("d", 62, 65, 4).Invoke("c", 70).Return("c", 80, Outcome.Ok, seq: 3).Stored("c").Stored("d").Verdicts());

    [Fact]
    public void Check_DoneByAnAttemptThatSaidNothing_IsFine() =>
        Assert.Empty(Good().Invoke("c", 50).Return("c", 60, Outcome.Info).Appended("d", 62, 65, 4).Invoke("c", 70).Return("c", 80, Outcome.Ok, seq: 3).Stored("c").Stored("d").Verdicts());

    [Fact]
    public void Check_ShownAndNotStored_IsPhantom() =>
        Assert.Equal([Verdict.Phantom], Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Receive("v", 41, 2).Receive("v", 42, 3).Verdicts());

    [Fact]
    public void Check_NumberLeftOut_IsGap() => Assert.Equal([Verdict.Gap], new Forged().Appended("a", 10, 20, 1).Appended("b", 30, 40, 3).Stored("a", 1).Stored("b", 3).Verdicts());

    [Fact]
    public void Check_EndedBeforeAnotherBeganAndStandsBehindIt_IsReordered() =>
        Assert.Equal([Verdict.Reordered], new Forged().Appended("a", 10, 20, 2).Appended("b", 30, 40, 1).Stored("b").Stored("a").Verdicts());

    [Fact]
    public void Check_ShownWithAGap_IsReordered() =>
        Assert.Equal([Verdict.Reordered], Good().Watch("v", 1, Watching.Join).Receive("v", 41, 2).Verdicts());

    [Fact]
    public void Check_ResumedFromElsewhere_IsReordered() =>
        Assert.Contains(Verdict.Reordered, Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Watch("v", 25, Watching.Resume, 2).Verdicts());

    [Fact]
    public void Check_ChainThatDoesNotFit_IsForked() => Assert.Equal([Verdict.Forked], Good().Spoil(1, logged => logged with { Body = "{}" }).Verdicts());

    [Fact]
    public void Check_ViewerWithAnotherHash_IsForked() =>
        Assert.Equal([Verdict.Forked], Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1, hash: "another").Receive("v", 41, 2).Verdicts());

    [Fact]
    public void Check_StoredOtherThanSent_IsForked() => Assert.Equal([Verdict.Forked], new Forged().Appended("a", 10, 20, 1).Stored("a", text: "something else").Verdicts());

    [Fact]
    public void Check_EpochThatGoesBack_IsStaleCommit() =>
        Assert.Equal([Verdict.StaleCommit], new Forged().Appended("a", 10, 20, 1).Appended("b", 30, 40, 2).Stored("a", epoch: 2).Stored("b", epoch: 1).Verdicts());

    [Fact]
    public void Check_TwoWritersInOneEpoch_IsStaleCommit() => Assert.Equal([Verdict.StaleCommit], Good().Appended("c", 50, 60, 3).Stored("c").Owned(3, 1, "another silo").Verdicts());

    [Fact]
    public void Check_EventOfAnotherEpochThanItsWrite_IsStaleCommit() => Assert.Equal([Verdict.StaleCommit], Good().Appended("c", 50, 60, 3).Stored("c", epoch: 1).Owned(3, 2, "another silo").Verdicts());

    [Fact]
    public void Check_ConditionalChangeAtAnotherVersion_IsRegister() =>
        Assert.Equal([Verdict.Register], Good().Invoke("c", 50, OperationKind.ChangeIf, expected: 1).Return("c", 60, Outcome.Ok).Stored("c").Verdicts());

    [Fact]
    public void Check_ReadOfLessThanWasAcknowledged_IsRegister() => Assert.Equal([Verdict.Register], Good().Read("r", 50, 60, 1).Verdicts());

    [Fact]
    public void Check_ReadOfMoreThanWasBegun_IsRegister() => Assert.Equal([Verdict.Register], Good().Read("r", 21, 22, 2).Verdicts());

    [Fact]
    public void Check_ReadThatIsOlderThanAnEarlierRead_IsRegister() =>
        Assert.Equal([Verdict.Register], Good().Invoke("c", 50).Return("c", 100, Outcome.Ok, seq: 3).Stored("c").Read("new", 55, 60, 3).Read("old", 65, 70, 2).Verdicts());

    [Fact]
    public void Check_ReadThatImpliesAWriteNotYetBegun_IsRegister()
    {
        // Write 2 is running, so the usual bound (the highest version of a write begun) is met; but 1, which must come before 2, begins after the read ended.
        var forged = new Forged().Appended("second", 10, 100, 2).Read("r", 20, 30, 2).Appended("first", 40, 50, 1).Stored("first").Stored("second");

        Assert.Equal([Verdict.Register], forged.Verdicts());
    }

    [Fact]
    public void Check_ReadOfAVersionThatNeverWas_IsRegister() => Assert.Equal([Verdict.Register], Good().Invoke("c", 45).Return("c", 100, Outcome.Info).Read("r", 50, 60, 3).Verdicts());

    [Fact]
    public void Check_AnswerOlderThanItsOwnWrite_IsRegister() =>
        Assert.Contains(Verdict.Register, Good().Invoke("c", 50, OperationKind.Change).Return("c", 60, Outcome.Ok, version: 2).Stored("c").Verdicts());

    [Fact]
    public void Check_ViewerThatStayedAndLacksTheEnd_IsNeverDelivered() => Assert.Equal([Verdict.NeverDelivered], Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Verdicts());

    [Fact]
    public void Check_ViewerThatWasCutAndNeverCameBack_IsNeverDelivered() =>
        Assert.Equal([Verdict.NeverDelivered], Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Watch("v", 22, Watching.Cut).Verdicts());

    [Fact]
    public void Check_ViewerThatLeft_NeedsNothing() => Assert.Empty(Good().Watch("v", 1, Watching.Join).Receive("v", 21, 1).Watch("v", 22, Watching.Leave).Verdicts());

    [Theory]
    [InlineData(0, "all ", 5, "of it", RunEnd.Done, "all of it", RunEnd.Done)] // a hole
    [InlineData(0, "all ", 0, "of it", RunEnd.Done, "all of it", RunEnd.Done)] // twice from the start
    [InlineData(0, "all ", 4, "is it", RunEnd.Done, "all of it", RunEnd.Done)] // another text
    [InlineData(0, "all ", 4, "of it", RunEnd.Done, "all of it", RunEnd.Interrupted)] // another end
    [InlineData(0, "all ", 4, "of it", null, "all of it", null)] // no end
    public void Check_ReplyThatIsNotAsStored_IsStream(long first, string one, long second, string two, RunEnd? told, string stored, RunEnd? end)
    {
        var forged = new Forged().Run("run", stored, end).Add(new Token("v", Forged.Op("run"), first, one)).Add(new Token("v", Forged.Op("run"), second, two));
        if (told is { } value)
            forged.Add(new RunEnded("v", Forged.Op("run"), value));

        Assert.Equal([Verdict.Stream], forged.Verdicts());
    }

    [Fact]
    public void Check_ReplyThatEndedTwice_IsStream() =>
        Assert.Equal([Verdict.Stream], new Forged().Run("run", "x", RunEnd.Done).Add(new RunEnded("v", Forged.Op("run"), RunEnd.Done)).Add(new RunEnded("v", Forged.Op("run"), RunEnd.Done)).Verdicts());

    [Fact]
    public void Check_CutReply_MayHaveBeenShownFurtherThanItWasStored() =>
        Assert.Empty(new Forged().Run("run", "all ", RunEnd.Interrupted).Add(new Token("v", Forged.Op("run"), 0, "all of it")).Add(new RunEnded("v", Forged.Op("run"), RunEnd.Interrupted)).Verdicts());

    [Fact]
    public void Check_FaultsThatDidNothing_IsInconclusive() => Assert.Equal([Verdict.Inconclusive], Good().Add(new Nemesis("kill", FaultPhase.Start) { T = 25 }).Verdicts());

    [Fact]
    public void Check_FaultThatDidNothingBesideOneThatDid_IsInconclusive() =>
        Assert.Equal([Verdict.Inconclusive], Good().Add(new Nemesis("kill", FaultPhase.Start) { T = 25 }).Add(new Nemesis("cut", FaultPhase.Start) { T = 25 }).Add(new Nemesis("cut", FaultPhase.Effect) { T = 26 }).Verdicts());

    [Fact]
    public void Check_UnknownOutcomeBeforeTheFault_DoesNotMakeItConclusive() =>
        Assert.Equal([Verdict.Inconclusive], Good().Invoke("c", 50).Return("c", 55, Outcome.Info).Add(new Nemesis("kill", FaultPhase.Start) { T = 60 }).Verdicts());

    [Theory]
    [InlineData(Outcome.Info, 80)]
    [InlineData(Outcome.Fail, 80)]
    [InlineData(Outcome.Refused, 2_000_000_000)]
    public void Check_AttemptThatFeltTheFault_IsConclusive(Outcome outcome, long end) =>
        Assert.Empty(Good().Invoke("c", 50).Return("c", end, outcome).Add(new Nemesis("kill", FaultPhase.Start) { T = 60 }).Add(new Nemesis("kill", FaultPhase.Stop) { T = 70 }).Verdicts());

    [Theory]
    [InlineData("viewer-steady", 65, false)]
    [InlineData("viewer-steady", 75, true)]
    [InlineData("viewer-flapping", 65, true)]
    public void Check_ViewerThatStaysAndWasCut_IsConclusive(string viewer, long at, bool isInconclusive) =>
        Assert.Equal(
            isInconclusive,
            Good().Watch(viewer, 50, Watching.Join, 2).Watch(viewer, at, Watching.Cut).Add(new Nemesis("kill", FaultPhase.Start) { T = 60 }).Add(new Nemesis("kill", FaultPhase.Stop) { T = 70 }).Verdicts().Contains(Verdict.Inconclusive));

    [Fact]
    public void Check_FaultsWhoseEffectWasSeen_IsConclusive() =>
        Assert.Empty(Good().Add(new Nemesis("kill", FaultPhase.Start) { T = 25 }).Add(new Nemesis("kill", FaultPhase.Effect, 3) { T = 26 }).Verdicts());

    [Fact]
    public void Describe_ShowsTheOperationAndTheFaultsBeforeIt()
    {
        var forged = Good().Add(new Nemesis("kill", FaultPhase.Start) { T = 55 }).Add(new Nemesis("kill", FaultPhase.Effect) { T = 56 }).Appended("c", 50, 60, 3);

        var text = forged.Check().Describe(forged.History);

        Assert.Contains("Lost: 1", text, StringComparison.Ordinal);
        Assert.Contains($"{Forged.Op("c")}", text, StringComparison.Ordinal);
        Assert.Contains("Fault = kill", text, StringComparison.Ordinal);
    }
}
