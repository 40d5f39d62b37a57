using Xunit;

namespace Warroom.EndToEnd.Checking;

/// <summary>The checker finds what it is there to find: one hand-made bad history for each verdict, and a good one.</summary>
public sealed class TimelineCheckerTests
{
    private static readonly Guid Owner = Guid.Parse("01932f4e-0000-7000-8000-000000000001");
    private static readonly Guid First = Guid.Parse("01932f4e-0000-7000-8000-00000000000a");
    private static readonly Guid Second = Guid.Parse("01932f4e-0000-7000-8000-00000000000b");
    private static readonly Guid Third = Guid.Parse("01932f4e-0000-7000-8000-00000000000c");

    [Fact]
    public void Check_WhenEverythingHeld_IsEmpty() =>
        Assert.Empty(Check(Log(First, Second, Third), Ok(First, 1, 0, 10), Unknown(Second, 0, 20), Ok(Third, 3, 11, 30)));

    [Fact]
    public void Check_AcknowledgedButAbsent_IsLost() =>
        Assert.StartsWith("lost", Assert.Single(Check(Log(First), Ok(First, 1, 0, 10), Ok(Second, 2, 0, 10))), StringComparison.Ordinal);

    [Fact]
    public void Check_AcknowledgedElsewhere_IsMoved() =>
        Assert.StartsWith("moved", Assert.Single(Check(Log(First, Second), Ok(First, 1, 0, 10), Ok(Second, 3, 0, 10))), StringComparison.Ordinal);

    [Fact]
    public void Check_OneOperationTwice_IsDuplicated() =>
        Assert.StartsWith("duplicated", Assert.Single(Check(Log(First, First), Ok(First, 1, 0, 10))), StringComparison.Ordinal);

    [Fact]
    public void Check_RefusedButPresent_IsPhantom() =>
        Assert.StartsWith("phantom", Assert.Single(Check(Log(First), new Operation(First, 0, 10, OperationOutcome.Failed, 0))), StringComparison.Ordinal);

    [Fact]
    public void Check_NobodysOperation_IsPhantom() =>
        Assert.StartsWith("phantom", Assert.Single(Check(Log(First, Second), Ok(First, 1, 0, 10))), StringComparison.Ordinal);

    [Fact]
    public void Check_MissingNumber_IsGap()
    {
        var log = TimelineChecker.Chain(Owner, [new(1, First, "", "1"), new(3, Second, "", "3")]);
        Assert.StartsWith("gap", Assert.Single(Check(log, Ok(First, 1, 0, 10), Ok(Second, 3, 0, 10))), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OrderAgainstRealTime_IsReordered() =>
        Assert.StartsWith("reordered", Assert.Single(Check(Log(First, Second), Ok(Second, 2, 0, 10), Ok(First, 1, 11, 20))), StringComparison.Ordinal);

    [Fact]
    public void Check_ChangedBody_IsForked()
    {
        var log = Log(First, Second).ToList();
        log[0] = log[0] with { Body = "changed" };
        Assert.StartsWith("forked", Assert.Single(Check(log, Ok(First, 1, 0, 10), Ok(Second, 2, 0, 10))), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Check(IReadOnlyList<LogEntry> log, params Operation[] operations) =>
        TimelineChecker.Check(Owner, log, operations, new HashSet<Guid>());

    private static IReadOnlyList<LogEntry> Log(params Guid[] operations) =>
        TimelineChecker.Chain(Owner, operations.Select((id, index) => new LogEntry(index + 1, id, "", $"event {index + 1}")));

    private static Operation Ok(Guid id, long seq, long invoked, long returned) => new(id, invoked, returned, OperationOutcome.Ok, seq);

    private static Operation Unknown(Guid id, long invoked, long returned) => new(id, invoked, returned, OperationOutcome.Unknown, 0);
}
