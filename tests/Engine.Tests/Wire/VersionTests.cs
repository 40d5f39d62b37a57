using System.Buffers;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Generator;
using Orleans.Embedded.Serialization.Wire;

namespace Warroom.Engine.Tests.Wire;

/// <summary>Two processes with two versions of the same types understand each other: each is compiled and loaded for itself.</summary>
public sealed class VersionTests
{
    private const string Old = """
        using Orleans;
        namespace Versions;

        [GenerateSerializer, Alias("versions.event")]
        public abstract record Event;

        [GenerateSerializer, Alias("versions.opened")]
        public sealed record Opened : Event
        {
            [Id(0)] public required string Title { get; init; }
            [Id(1)] public int Severity { get; init; }
            [Id(5)] public string Dropped { get; init; } = "old default";
        }

        [GenerateSerializer, Alias("versions.envelope")]
        public sealed record Envelope
        {
            [Id(0)] public required string Id { get; init; }
            [Id(1)] public Event? Event { get; init; }
            [Id(2)] public int Number { get; init; }
        }

        [Alias("versions.grain")]
        public interface IVersionedGrain : IGrainWithStringKey
        {
            [Alias("tell")] System.Threading.Tasks.Task Tell(Envelope envelope);
        }
        """;

    /// <summary>Renamed, with members added (of every shape), removed and widened, and an argument more.</summary>
    private const string New = """
        using System;
        using System.Collections.Generic;
        using Orleans;
        namespace Versions.Renamed;

        [GenerateSerializer, Alias("versions.event")]
        public abstract record Happening
        {
            [Id(0)] public DateTimeOffset At { get; init; } = DateTimeOffset.UnixEpoch;
        }

        [GenerateSerializer, Alias("versions.opened")]
        public record Opened : Happening
        {
            [Id(0)] public required string Title { get; init; }
            [Id(1)] public long Severity { get; init; }
            [Id(2)] public string Service { get; init; } = "new default";
            [Id(3)] public Dictionary<string, List<Guid?>> Links { get; init; } = [];
        }

        [GenerateSerializer, Alias("versions.envelope")]
        public sealed record Envelope
        {
            [Id(0)] public required string Id { get; init; }
            [Id(1)] public Happening? Event { get; init; }
            [Id(2)] public int? Number { get; init; }
            [Id(9)] public object? Extra { get; init; }
            [Id(10)] public double[][]? Table { get; init; }
        }

        [Alias("versions.grain")]
        public interface IVersionedGrain : IGrainWithStringKey
        {
            [Alias("tell")] System.Threading.Tasks.Task Tell(Envelope envelope, (int, string) more);
            [Alias("ask")] System.Threading.Tasks.Task Ask();
        }
        """;

    private static readonly Version OldVersion = Version.Load("versions.old", Old);
    private static readonly Version NewVersion = Version.Load("versions.new", New);

    [Fact]
    public void New_ReadByOld_LacksOnlyWhatIsNew()
    {
        var sent = NewVersion.Make("Versions.Renamed.Envelope", ("Id", "e1"), ("Number", 7), ("Extra", "unknown"), ("Table", new double[][] { [1, 2], [] }), ("Event", NewVersion.Make(
            "Versions.Renamed.Opened", ("Title", "fire"), ("Severity", 2L), ("Service", "db"), ("At", DateTimeOffset.UnixEpoch.AddDays(1)),
            ("Links", new Dictionary<string, List<Guid?>> { ["a"] = [Guid.NewGuid(), null] }))));
        var read = OldVersion.Read("Versions.Envelope", NewVersion.Write(sent));
        Assert.Equal("Envelope { Id = e1, Event = Opened { Title = fire, Severity = 2, Dropped = old default }, Number = 7 }", read.ToString());
    }

    [Fact]
    public void Old_ReadByNew_HasDefaultsWhereNothingCame()
    {
        var sent = OldVersion.Make("Versions.Envelope", ("Id", "e2"), ("Number", 0), ("Event", OldVersion.Make("Versions.Opened", ("Title", "flood"), ("Severity", 3), ("Dropped", "x"))));
        var read = NewVersion.Read("Versions.Renamed.Envelope", OldVersion.Write(sent));
        Assert.Equal(0, Get(read, "Number"));
        var opened = Get(read, "Event")!;
        Assert.Equal(("flood", 3L, "new default", DateTimeOffset.UnixEpoch), (Get(opened, "Title"), Get(opened, "Severity"), Get(opened, "Service"), Get(opened, "At")));
        Assert.NotNull(Get(opened, "Links"));
    }

    [Fact]
    public void Call_OfNewToOld_DropsTheArgumentThatIsNew()
    {
        var request = NewVersion.Request("versions.grain/tell");
        request.SetArgument(0, NewVersion.Make("Versions.Renamed.Envelope", ("Id", "e3")));
        request.SetArgument(1, (5, "more"));
        var read = OldVersion.Serializer.ReadCall(Written(output => NewVersion.Serializer.WriteCall(output, request)));
        Assert.Equal(1, read.GetArgumentCount());
        Assert.Equal("e3", Get(read.GetArgument(0)!, "Id"));
        var back = NewVersion.Serializer.ReadCall(Written(output => OldVersion.Serializer.WriteCall(output, read)));
        Assert.Equal(((int, string?))default, back.GetArgument(1));
    }

    [Fact]
    public void Call_OfAMethodThatOldDoesNotHave_IsRefusedByName() => Assert.Contains("versions.grain/ask", Assert.Throws<WireFormatException>(() =>
        OldVersion.Serializer.ReadCall(Written(output => NewVersion.Serializer.WriteCall(output, NewVersion.Request("versions.grain/ask"))))).Message, StringComparison.Ordinal);

    private static object? Get(object target, string member) => target.GetType().GetProperty(member)!.GetValue(target);

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An assembly of its own with its manifest, as another process would have it.</summary>
    private sealed class Version(Assembly assembly, IGrainManifest manifest)
    {
        public WireSerializer Serializer { get; } = new(new([manifest]), () => throw new InvalidOperationException("No references here."));

        public static Version Load(string name, string text)
        {
            var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => !Path.GetFileName(path).StartsWith("Warroom.", StringComparison.Ordinal) || path == typeof(IGrain).Assembly.Location)
                .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)).ToImmutableArray();
            var compilation = CSharpCompilation.Create(
                name, [CSharpSyntaxTree.ParseText(text)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
            CSharpGeneratorDriver.Create(new GrainGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out var whole, out var findings);
            Assert.Empty(findings);
            using var image = new MemoryStream();
            var result = whole.Emit(image);
            Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
            image.Position = 0;
            var assembly = new AssemblyLoadContext(name, isCollectible: true).LoadFromStream(image);
            return new Version(assembly, (IGrainManifest)Activator.CreateInstance(assembly.GetCustomAttribute<GrainManifestAttribute>()!.Manifest, nonPublic: true)!);
        }

        public object Make(string type, params (string Name, object? Value)[] members)
        {
            var made = Activator.CreateInstance(assembly.GetType(type, throwOnError: true)!)!;
            foreach (var (name, value) in members) made.GetType().GetProperty(name)!.SetValue(made, value);
            return made;
        }

        public byte[] Write(object value) => Written(output => Generic(nameof(WireSerializer.Write), value.GetType()).Invoke(Serializer, [output, value]));

        public object Read(string type, byte[] bytes) =>
            ((Reader)Delegate.CreateDelegate(typeof(Reader), this, typeof(Version).GetMethod(nameof(ReadAs), BindingFlags.NonPublic | BindingFlags.Instance)!
                .MakeGenericMethod(assembly.GetType(type, throwOnError: true)!)))(bytes);

        public GrainRequest Request(string name)
        {
            var parts = name.Split('/');
            return manifest.Interfaces.Single(type => type.Name == parts[0]).Requests.Single(request => request.Method == parts[1]).Make([]);
        }

        private static MethodInfo Generic(string name, Type type) => typeof(WireSerializer).GetMethods().Single(method => method.Name == name && method.IsGenericMethod).MakeGenericMethod(type);

        private object ReadAs<T>(byte[] bytes) => Serializer.Read<T>(bytes)!;

        private delegate object Reader(byte[] bytes);
    }
}
