using Microsoft.AspNetCore.Http;
using Orleans.Storage;
using Warroom.Frontend.Errors;

namespace Warroom.Frontend.Tests.Errors;

public sealed class ErrorTableTests
{
    [Fact]
    public void CommandThatADeadSiloTookAlong_MayHaveTakenEffect() =>
        Assert.Same(Refusal.Unknown, ErrorTable.Map(new SiloUnavailableException("The connection was lost before the answer came."), isCommand: true));

    [Fact]
    public void QueryThatADeadSiloTookAlong_CanBeAskedAgain()
    {
        var refusal = ErrorTable.Map(new SiloUnavailableException("The connection was lost before the answer came."), isCommand: false);

        Assert.Equal((StatusCodes.Status503ServiceUnavailable, "warroom.no_answer"), (refusal.Status, refusal.Code));
    }

    [Fact]
    public void CommandThatTimedOut_MayHaveTakenEffect() => Assert.Same(Refusal.Unknown, ErrorTable.Map(new TimeoutException(), isCommand: true));

    [Fact]
    public void CommandOfAnOwnerThatIsNoneAnyMore_HasWrittenNothing()
    {
        var refusal = ErrorTable.Map(new InconsistentStateException("Another activation has written.", "1", "2"), isCommand: true);

        Assert.Equal((StatusCodes.Status503ServiceUnavailable, "warroom.moved"), (refusal.Status, refusal.Code));
    }

    // Such as an answer that is too large to be sent: the call ran.
    [Fact]
    public void CommandThatEndedInAFault_MayHaveTakenEffect()
    {
        var (command, query) = (ErrorTable.Map(new OrleansException("The answer is too large."), isCommand: true), ErrorTable.Map(new OrleansException("The answer is too large."), isCommand: false));

        Assert.Equal((StatusCodes.Status500InternalServerError, "warroom.internal", true), (command.Status, command.Code, command.IsFault));
        Assert.Contains("the same Idempotency-Key takes effect once", command.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Idempotency-Key", query.Sentence, StringComparison.Ordinal);
    }
}
