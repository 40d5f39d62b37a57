using Orleans.Embedded.Serialization.Wire;
using static Warroom.Engine.Tests.Wire.WireUnderTest;

namespace Warroom.Engine.Tests.Wire;

/// <summary>References and calls between processes.</summary>
public sealed class ReferenceTests
{
    private static readonly GrainId Somebody = GrainId.Create("wire", "somebody");

    [Fact]
    public void Reference_Read_MeansTheSameThroughTheSameInterface()
    {
        var grain = Reference();
        var read = Through(grain);
        Assert.Equal(grain, read);
        Assert.Equal(Somebody, read.GetGrainId());
        Assert.Equal(((GrainReference)grain).InterfaceType, ((GrainReference)read).InterfaceType);
        Assert.IsAssignableFrom<IWireGrain>(Through<IAddressable>(grain));
        Assert.IsAssignableFrom<IWireGrain>(Through<IGrain>(grain));
        Assert.IsAssignableFrom<IWireGrain>(Through<GrainReference>((GrainReference)grain));
        Assert.IsAssignableFrom<IWireGrain>(Through<object>(grain));
        Assert.Null(Through<IWireGrain?>(null));
    }

    [Fact]
    public void Reference_Read_BelongsToTheReadersFactory()
    {
        var other = new Orleans.Embedded.References.ReferenceFactory(new(Manifests), null!, null!);
        var serializer = new WireSerializer(new(Manifests), () => other);
        var read = serializer.Read<IWireGrain>(Write(Reference()));
        Assert.Same(other, ((GrainReference)read).Shared.Factory);
    }

    [Fact]
    public void Observer_AsAReference_ComesBack()
    {
        var watcher = (IWireWatcher)(object)References.Create(typeof(IWireWatcher), GrainId.Create("sys.observer", "1"));
        Assert.Equal(watcher, Through(watcher));
    }

    [Fact]
    public void Object_InPlaceOfAReference_IsRefusedWithWhatToDo()
    {
        Assert.Contains("CreateObjectReference", Assert.Throws<NotSupportedException>(() => Write<IWireWatcher>(new Watcher())).Message, StringComparison.Ordinal);
        Assert.Contains("AsReference", Assert.Throws<NotSupportedException>(() => Write<IWireGrain>(new NoReference())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_WithReferencesAndToken_ComesBack()
    {
        var request = Calls.Single(name => name.Contains("Change(", StringComparison.Ordinal));
        var made = Make(request);
        made.SetArgument(0, new Everything { Huge = Huge.Most });
        made.SetArgument(1, new Ring { Name = "ring" });
        made.SetArgument(2, Reference());
        var read = Serializer.ReadCall(WriteCall(made));
        Assert.Equal(new Ring { Name = "ring" }, read.GetArgument(1));
        Assert.Equal(Reference(), read.GetArgument(2));
        Assert.Null(read.GetArgument(3));
        Assert.True(read.IsCancellable);
        Assert.False(read.GetCancellationToken().IsCancellationRequested);
        Assert.True(read.TryCancel());
        Assert.True(read.GetCancellationToken().IsCancellationRequested);
    }

    [Fact]
    public void Call_OfAMethodThatIsNotHere_SaysWhich()
    {
        var output = WriteCall(Make(Calls[0]));
        output[3] ^= 1;
        Assert.Contains("no grain method", Assert.Throws<WireFormatException>(() => Serializer.ReadCall(output)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_OfAGenericMethod_ComesBackWithItsTypes()
    {
        var descriptor = Descriptor(Calls.Single(name => name.Contains("Generic", StringComparison.Ordinal)));
        foreach (var (type, value) in new (Type, object)[] { (typeof(int), 7), (typeof(string), "text"), (typeof(Ring), new Ring { Name = "r" }), (typeof(Huge), Huge.Most),
            (typeof(List<int>), new List<int> { 1, 2 }), (typeof(Dictionary<string, Point?[]>), new Dictionary<string, Point?[]> { ["a"] = [new Point(1, 2), null] }), (typeof(Box<int>), new Box<int>(1, [])) })
        {
            var request = descriptor.Make([type]);
            request.SetArgument(0, value);
            var read = Serializer.ReadCall(WriteCall(request));
            Assert.Equal(request.GetType(), read.GetType());
            Assert.Null(Samples.Difference(value, read.GetArgument(0)));
        }

        Assert.Contains("type argument", Assert.Throws<NotSupportedException>(() => WriteCall(descriptor.Make([typeof(Lazy<int>)]))).Message, StringComparison.Ordinal);
        var bytes = WriteCall(descriptor.Make([typeof(string)]));
        bytes[^3] ^= 1;
        Assert.Throws<WireFormatException>(() => Serializer.ReadCall(bytes));
    }

    [Fact]
    public async Task Result_AndItems_ComeBackThroughTheRequest()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Serializer.Write<Everything>(output, new Everything { Tiny = Tiny.Least });
        var request = (Orleans.Embedded.CodeGeneration.GrainRequest<Everything>)Make(Calls.Single(name => name.Contains("Change(", StringComparison.Ordinal)));
        var answer = request.CallerTask;
        request.ReadResult(Serializer, output.WrittenSpan);
        request.DeliverAnswer();
        Assert.Equal(Tiny.Least, (await answer).Tiny);

        var sequence = (Orleans.Embedded.Sequences.IGrainSequence)Make(Calls.Single(name => name.Contains("Draw(", StringComparison.Ordinal)));
        var circle = new Circle { Name = "c" };
        Assert.True(sequence.TryReadItem(Serializer, Write<Shape>(circle)));
        Assert.True(await sequence.WaitForItemAsync(TestContext.Current.CancellationToken));
        output.ResetWrittenCount();
        Assert.True(sequence.TryWriteItem(Serializer, output));
        Assert.Equal(circle, Serializer.Read<Shape>(output.WrittenSpan));
        output.ResetWrittenCount();
        Assert.False(sequence.TryWriteItem(Serializer, output));
        Assert.Equal(0, output.WrittenCount);
        sequence.Complete(new FormatException("over"));
        await Assert.ThrowsAsync<FormatException>(async () => await sequence.WaitForItemAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Item_ThatCannotBeRead_EndsItsSequence()
    {
        var sequence = (Orleans.Embedded.Sequences.IGrainSequence)Make(Calls.Single(name => name.Contains("Draw(", StringComparison.Ordinal)));
        Assert.True(sequence.TryReadItem(Serializer, Write<Shape>(new Circle { Name = "c" })));
        Assert.False(sequence.TryReadItem(Serializer, Write("no shape")));
        Assert.True(sequence.TryWriteItem(Serializer, new System.Buffers.ArrayBufferWriter<byte>()));
        await Assert.ThrowsAsync<WireFormatException>(async () => await sequence.WaitForItemAsync(TestContext.Current.CancellationToken));
    }

    private static List<string> Calls { get; } = [.. Manifests.SelectMany(manifest => manifest.Interfaces).Single(type => type.Type == typeof(IWireGrain)).Requests.Select(request => request.Method)];

    private static Orleans.Embedded.CodeGeneration.GrainRequest Make(string method) => Descriptor(method).Make([]);

    private static Orleans.Embedded.CodeGeneration.GrainRequestDescriptor Descriptor(string method) =>
        Manifests.SelectMany(manifest => manifest.Interfaces).Single(type => type.Type == typeof(IWireGrain)).Requests.Single(request => request.Method == method);

    private static IWireGrain Reference() => (IWireGrain)(object)References.Create(typeof(IWireGrain), Somebody);

    private sealed class Watcher : IWireWatcher
    {
        public void Saw(Shape shape)
        {
        }
    }
}

/// <summary>A grain's object, which is not a reference to it.</summary>
public sealed class NoReference : IWireGrain
{
    public Task<Everything> Change(Everything all, Shape shape, IWireGrain? other, IWireWatcher? watcher, CancellationToken cancellationToken = default) => Task.FromResult(all);

    public IAsyncEnumerable<Shape> Draw(int count) => AsyncEnumerable.Empty<Shape>();

    public Task<T> Generic<T>(T value) => Task.FromResult(value);
}
