using Orleans.Embedded.Serialization.Wire;
using Orleans.Storage;
using Warroom.Persistence;
using static Warroom.Engine.Tests.Wire.WireUnderTest;

namespace Warroom.Engine.Tests.Wire;

/// <summary>What a grain throws arrives at a caller in another process.</summary>
public sealed class ExceptionTests
{
    [Fact]
    public void Thrown_Read_ShowsWhereItWasThrown()
    {
        var thrown = Throw(new InvalidOperationException("no good"));
        var read = Through(thrown);
        Assert.Equal("no good", Assert.IsType<InvalidOperationException>(read).Message);
        Assert.Contains(nameof(ThrowDeepInAGrain), read.ToString(), StringComparison.Ordinal);
        var again = Throw(read);
        Assert.Contains(nameof(ThrowDeepInAGrain), again.ToString(), StringComparison.Ordinal);
        Assert.Contains(nameof(ThrowDeepInAGrain), Through(again).StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void Listed_Read_HasItsMembersAndCauses()
    {
        var read = Assert.IsType<CodedException>(Through(Throw(new CodedException("coded", 41, new FormatException("inner", new IOException("innermost"))) { Shape = new Circle { Name = "c" } })));
        Assert.Equal(("coded", 41, "c"), (read.Message, read.Code, read.Shape!.Name));
        Assert.Equal("inner", Assert.IsType<FormatException>(read.InnerException).Message);
        Assert.Equal("innermost", Assert.IsType<IOException>(read.InnerException!.InnerException).Message);
        Assert.NotEqual(0, read.HResult);
    }

    [Fact]
    public void OfTheProduct_Read_AreWhatTheyWere()
    {
        var refusal = Assert.IsType<DomainException>(Through(new DomainException(RefusalKind.Conflict, "incident.already_resolved", "It is over.")));
        Assert.Equal((RefusalKind.Conflict, "incident.already_resolved", "It is over."), (refusal.Kind, refusal.ErrorCode, refusal.Message));
        var operation = Guid.NewGuid();
        var repeated = Assert.IsType<OperationRepeatedException>(Through(new OperationRepeatedException(operation, 7)));
        Assert.Equal((operation, 7L), (repeated.OperationId, repeated.Seq));
    }

    [Fact]
    public void OfTheEngine_Read_AreWhatTheyWere()
    {
        Assert.Equal("gone", Assert.IsType<SiloUnavailableException>(Through(new SiloUnavailableException("gone"))).Message);
        Assert.IsType<OrleansMessageRejectionException>(Through(new OrleansMessageRejectionException("refused")));
        Assert.IsType<ClientNotAvailableException>(Through(new ClientNotAvailableException("gone")));
        Assert.Contains("3", Assert.IsType<LimitExceededException>(Through(new LimitExceededException("mailbox", 4, 3, null))).Message, StringComparison.Ordinal);
        var stale = Assert.IsType<InconsistentStateException>(Through(new InconsistentStateException("stale", "1", "2")));
        Assert.Equal(("1", "2"), (stale.StoredEtag, stale.CurrentEtag));
        Assert.False(stale.IsOfThisActivation, "It must not end the activation of a caller who lets it pass.");
    }

    [Fact]
    public void WellKnown_OfEveryName_AreWhatTheyWere()
    {
        Assert.True(KnownExceptions.Names.Count() > 40);
        foreach (var name in KnownExceptions.Names)
        {
            var exception = KnownExceptions.Make(name, "subject")!;
            var read = Through(exception);
            Assert.Equal(exception.GetType(), read.GetType());
            Assert.Equal(name, read.GetType().FullName);
            Assert.Equal(exception.Message, read.Message);
        }

        const string number = "number";
        var argument = Assert.IsType<ArgumentOutOfRangeException>(Through(KnownExceptions.Make(typeof(ArgumentOutOfRangeException).FullName!, number)!));
        Assert.Equal(number, argument.ParamName);
        Assert.EndsWith("(Parameter 'number')", argument.Message, StringComparison.Ordinal);
        Assert.Equal("thing", Assert.IsType<ObjectDisposedException>(Through(new ObjectDisposedException("thing"))).ObjectName);
    }

    [Fact]
    public void Aggregate_Read_HasAllItsCauses()
    {
        var read = Assert.IsType<AggregateException>(Through(new AggregateException("several", new FormatException("one"), new CodedException("two", 2))));
        Assert.Equal(["one", "two"], read.InnerExceptions.Select(inner => inner.Message));
        Assert.Same(read.InnerException, read.InnerExceptions[0]);
        Assert.Equal(2, Assert.IsType<CodedException>(read.InnerExceptions[1]).Code);
    }

    [Fact]
    public void Unlisted_Read_IsNeverMadeButShown()
    {
        var thrown = Throw(new UnlistedException("who knows"));
        var made = UnlistedException.Made;
        var read = Through(thrown);
        Assert.Equal($"{typeof(UnlistedException).FullName}: who knows", Assert.IsType<OrleansException>(read).Message);
        Assert.Contains(nameof(ThrowDeepInAGrain), read.ToString(), StringComparison.Ordinal);
        Assert.Equal(made, UnlistedException.Made);
    }

    [Fact]
    public void Name_OfAMessageThatIsNoException_MakesNone()
    {
        var bytes = Write<Exception>(new UnlistedException("x"));
        var forged = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.Latin1.GetString(bytes).Replace(typeof(UnlistedException).FullName!, "wire-tests.circle".PadRight(typeof(UnlistedException).FullName!.Length, 'x'), StringComparison.Ordinal));
        Assert.IsType<OrleansException>(Read<Exception>(forged));
    }

    [Fact]
    public void WithAMemberThatCannotBeSent_Read_IsShownAllTheSame()
    {
        var read = Assert.IsType<OrleansException>(Through(Throw(new UnsendableException("look") { Culprit = new Lazy<int>(1) })));
        Assert.Contains("look", read.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(UnsendableException), read.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ThrowDeepInAGrain), read.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Causes_WithoutEnd_AreCutOff()
    {
        Exception exception = new FormatException("0");
        for (var i = 1; i < 500; i++) exception = new FormatException($"{i}", exception);
        var read = Through(exception);
        var depth = 0;
        for (var inner = read; inner is not null; inner = inner.InnerException) depth++;
        Assert.InRange(depth, 10, 20);
        Assert.True(Through(new FormatException(new string('x', 1_000_000))).Message.Length < 100_000);
    }

    private static Exception Throw(Exception exception)
    {
        try
        {
            ThrowDeepInAGrain(exception);
            return exception;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void ThrowDeepInAGrain(Exception exception) => throw exception;
}
