using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orleans.Embedded.Generator;

namespace Warroom.Engine.Tests.Embedded;

/// <summary>What the source generator refuses, where it points at, and that it does not work twice for the same text.</summary>
public sealed class GeneratorTests
{
    private const string GrainWithoutFault = """
        using System.Threading.Tasks;
        using Orleans;

        [GenerateSerializer]
        public sealed record Message([property: Id(0)] string Text, [property: Id(1)] int Number);

        public interface IEchoGrain : IGrainWithStringKey
        {
            Task<Message> Echo(Message message);
        }

        public sealed class EchoGrain : Grain, IEchoGrain
        {
            public Task<Message> Echo(Message message) => Task.FromResult(message);
        }
        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Warroom.", StringComparison.Ordinal) || path == typeof(IGrain).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Fact]
    public void Grain_WithoutFault_CompilesWithWhatIsGenerated()
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compile(GrainWithoutFault), out var compilation, out var findings);
        Assert.Empty(findings);
        Assert.True(compilation.SyntaxTrees.Count() > 1, "Nothing was generated.");
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Theory]
    [InlineData("int Count();", "int")]
    [InlineData("string Name(int number);", "string")]
    [InlineData("void Fire();", "void")]
    [InlineData("System.Collections.Generic.IEnumerable<int> All();", "IEnumerable<int>")]
    public void ReturnType_NotATask_IsRefused(string method, string type)
    {
        var finding = Assert.Single(Findings($"public interface IWrongGrain : Orleans.IGrainWithStringKey {{ {method} }}"));
        Assert.Equal(("ORL0001", DiagnosticSeverity.Error), (finding.Id, finding.Severity));
        Assert.Contains($"returns {type}", finding.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System.Threading.Tasks.Task Do();")]
    [InlineData("System.Threading.Tasks.Task<int> Do();")]
    [InlineData("System.Threading.Tasks.ValueTask Do();")]
    [InlineData("System.Threading.Tasks.ValueTask<int> Do();")]
    [InlineData("System.Collections.Generic.IAsyncEnumerable<int> Do(System.Threading.CancellationToken token);")]
    [InlineData("[Orleans.Concurrency.OneWay] System.Threading.Tasks.Task Do();")]
    public void ReturnType_Asynchronous_IsTaken(string method) =>
        Assert.Empty(Findings($"public interface IRightGrain : Orleans.IGrainWithStringKey {{ {method} }}"));

    [Fact]
    public void ObserverMethod_Void_IsTaken() => Assert.Empty(Findings("public interface IWatcher : Orleans.IGrainObserver { void Seen(string what); }"));

    [Theory]
    [InlineData("Task Send(Plain message)", "argument")]
    [InlineData("Task<Plain> Receive()", "result")]
    [InlineData("Task Send(System.Collections.Generic.List<Plain> messages)", "item of a list")]
    [InlineData("Task<Plain[]> Receive()", "item of an array")]
    public void Message_WithoutGenerateSerializer_IsRefused(string method, string place)
    {
        var finding = Assert.Single(Findings($$"""
            using System.Threading.Tasks;
            public sealed record Plain(string Text);
            public interface IWrongGrain : Orleans.IGrainWithStringKey { {{method}}; }
            """));
        Assert.True(finding.Id == "ORL0002" && finding.GetMessage().Contains("Plain", StringComparison.Ordinal), $"As {place}: {finding}");
    }

    [Theory]
    [InlineData("System.Action")]
    [InlineData("System.Threading.Tasks.Task")]
    [InlineData("System.Threading.CancellationToken[]")]
    [InlineData("System.Collections.Generic.IAsyncEnumerable<int>")]
    [InlineData("System.Collections.Generic.List<System.Type>")]
    [InlineData("int[,]")]
    public void Message_OfATypeThatCannotBeSent_IsRefused(string type)
    {
        Assert.Equal("ORL0008", Assert.Single(Findings(
            $"public interface IWrongGrain : Orleans.IGrainWithStringKey {{ System.Threading.Tasks.Task Send({type} message); }}")).Id);
        Assert.Equal("ORL0008", Assert.Single(Findings(
            $"[Orleans.GenerateSerializer] public sealed class Message {{ [Orleans.Id(0)] public {type}? Member {{ get; set; }} }}")).Id);
    }

    [Fact]
    public void Member_WithoutGenerateSerializer_IsRefusedWhereItStands()
    {
        var finding = Assert.Single(Findings("""
            using Orleans;
            public sealed record Plain(string Text);
            [GenerateSerializer]
            public sealed class Message
            {
                public Plain? NotSent { get; set; }
                [Id(0)] public System.Collections.Generic.Dictionary<string, Plain[]>? Sent { get; set; }
            }
            """));
        Assert.Equal("ORL0002", finding.Id);
        Assert.Contains("Message.Sent", finding.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(6, finding.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Theory]
    [InlineData("[GenerateSerializer] public sealed class Message { [Id(0)] public int Computed => 1; }", "getter and a setter")]
    [InlineData("public class Outer { [GenerateSerializer] private sealed class Message { } }", "is private")]
    [InlineData("public class Outer<T> { [GenerateSerializer] public sealed class Message { } }", "within a generic type")]
    [InlineData("[GenerateSerializer] public ref struct Message { }", "ref struct")]
    public void Message_ThatCannotBeMadeAgain_IsRefused(string text, string why)
    {
        var finding = Assert.Single(Findings($"using Orleans; {text}"));
        Assert.Equal("ORL0009", finding.Id);
        Assert.Contains(why, finding.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Id_Twice_IsRefusedWhereTheSecondStands()
    {
        var finding = Assert.Single(Findings("""
            using Orleans;
            [GenerateSerializer]
            public sealed class Message
            {
                [Id(0)] public string? First { get; init; }
                [Id(7)] public string? Second { get; init; }
                [Id(7)] public string? Third { get; init; }
            }
            """));
        Assert.Equal("ORL0003", finding.Id);
        Assert.Contains("Second", finding.GetMessage(), StringComparison.Ordinal);
        Assert.Contains("Third", finding.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(6, finding.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public void Id_TwiceInARecordsParameters_IsRefused() => Assert.Equal("ORL0003", Assert.Single(Findings("""
        using Orleans;
        [GenerateSerializer]
        public sealed record Message([property: Id(0)] string First, [property: Id(0)] string Second);
        """)).Id);

    [Fact]
    public void Parameter_ByReference_IsRefused() => Assert.Equal("ORL0004", Assert.Single(Findings(
        "public interface IWrongGrain : Orleans.IGrainWithStringKey { System.Threading.Tasks.Task Do(ref int number); }")).Id);

    [Fact]
    public void Interface_WithAProperty_IsRefused() => Assert.Contains("ORL0005", Findings(
        "public interface IWrongGrain : Orleans.IGrainWithStringKey { int Number { get; } }").Select(finding => finding.Id));

    [Fact]
    public void Run_AgainWithTheSameText_TakesAllFromTheCache()
    {
        var compilation = Compile(GrainWithoutFault);
        var second = Driver().RunGenerators(compilation).RunGenerators(compilation.Clone());
        Assert.All(Reasons(second), reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{reason}"));
    }

    [Fact]
    public void Run_AfterAChangeElsewhere_WritesNothingAnew()
    {
        var compilation = Compile(GrainWithoutFault);
        var changed = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("public static class Unrelated { public static int Number => 1; }"));
        var second = Driver().RunGenerators(compilation).RunGenerators(changed);
        Assert.All(Reasons(second), reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{reason}"));
    }

    [Fact]
    public void Run_AfterAChangeOfTheGrain_WritesAnew()
    {
        var compilation = Compile(GrainWithoutFault);
        var changed = Compile(GrainWithoutFault.Replace("Echo", "Reply", StringComparison.Ordinal));
        var second = Driver().RunGenerators(compilation).RunGenerators(changed);
        Assert.Contains(Reasons(second), reason => reason is IncrementalStepRunReason.Modified or IncrementalStepRunReason.New);
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriver driver) => driver.GetRunResult().Results.Single().TrackedOutputSteps
        .SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason);

    private static ImmutableArray<Diagnostic> Findings(string text)
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compile(text), out _, out var findings);
        return findings;
    }

    private static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new GrainGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static CSharpCompilation Compile(string text) => CSharpCompilation.Create(
        "Snippet", [CSharpSyntaxTree.ParseText(text)], References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
}
