using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Serialization.Wire;
using Warroom.Alerts;
using Warroom.Incidents;
using static Warroom.Engine.Tests.Wire.WireUnderTest;

namespace Warroom.Engine.Tests.Wire;

/// <summary>Bytes that are cut, changed or made up: they are refused, or read as some value, but nothing else happens and no memory is spent on their word.</summary>
public sealed class GarbageTests
{
    private const int Seeds = 12;
    private const int Changes = 60;

    private static readonly Type[] Types =
    [
        typeof(IncidentView), typeof(IncidentUpdate), typeof(AlertBatch), typeof(Everything), typeof(Ring), typeof(Shape), typeof(object), typeof(Exception),
        typeof(Hidden), typeof(IWireGrain), typeof(Orleans.Embedded.RequestValues), typeof(Dictionary<string, Shape>), typeof(Picky), typeof(decimal[]),
        typeof(Orleans.Embedded.Streams.StreamItem<IncidentUpdate>[]), typeof(SortedSet<string>), typeof(System.Text.Json.JsonElement), typeof(SiloAddress[]),
        typeof(CodedException), typeof(DateTimeOffset?[]), typeof(Huge), typeof(SimpleGrainStatistic[]), typeof(Version), typeof(Uri), typeof(Knot),
    ];

    public static TheoryData<string> Names { get; } = [.. Types.Select(type => type.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Prefix_OfAnyLength_IsRefused(string name)
    {
        var type = Types.Single(type => type.ToString() == name);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var bytes = Write(type, Sample(type, seed));
            for (var length = 0; length < bytes.Length; length++)
            {
                var prefix = bytes[..length];
                Assert.Throws<WireFormatException>(() => WireUnderTest.Read(type, prefix));
            }

            Assert.Throws<WireFormatException>(() => WireUnderTest.Read(type, [.. bytes, 0]));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_AnyBytes_NothingButARefusal(string name)
    {
        var type = Types.Single(type => type.ToString() == name);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var bytes = Write(type, Sample(type, seed));
            for (var change = 0; change < Changes; change++)
            {
                var changed = (byte[])bytes.Clone();
                for (var left = random.Next(1, 4); left > 0; left--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
                ReadCarefully(() => WireUnderTest.Read(type, changed), $"{type}, seed {seed}, change {change}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MadeUp_Bytes_NothingButARefusal(string name)
    {
        var type = Types.Single(type => type.ToString() == name);
        var random = new Random(1);
        for (var turn = 0; turn < 400; turn++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            if (turn % 2 == 0) for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next(16);
            ReadCarefully(() => WireUnderTest.Read(type, bytes), $"{type}, turn {turn}");
        }
    }

    [Fact]
    public void Call_CutOrChanged_NothingButARefusal()
    {
        foreach (var descriptor in Manifests.SelectMany(manifest => manifest.Interfaces).Where(type => type.Name.StartsWith("warroom.", StringComparison.Ordinal) || type.Type == typeof(IWireGrain))
            .SelectMany(type => type.Requests))
        {
            var random = new Random(5);
            var request = descriptor.Make(descriptor.TypeParameterCount == 0 ? [] : [typeof(Everything)]);
            foreach (var argument in request.GetType().GetFields().Where(field => field.Name[0] == 'A')) argument.SetValue(request, new Samples(2).Make(argument.FieldType));
            var bytes = WriteCall(request);
            for (var length = 0; length < bytes.Length; length++)
            {
                var prefix = bytes[..length];
                Assert.Throws<WireFormatException>(() => Serializer.ReadCall(prefix));
            }

            for (var change = 0; change < Changes; change++)
            {
                var changed = (byte[])bytes.Clone();
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
                ReadCarefully(() => Serializer.ReadCall(changed), $"{request.GetMethodName()}, change {change}");
            }
        }
    }

    [Fact]
    public void Length_OfMoreThanIsThere_ReservesNothing()
    {
        // A list of two thousand million items, bytes of as many, and lists within lists that all claim what one of them could have.
        byte[] large = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        var many = new byte[1 << 20];
        AssertSmall(() => Read<long[]>([(byte)WireKind.List, .. large]));
        AssertSmall(() => Read<string>([(byte)WireKind.Bytes, .. large]));
        AssertSmall(() => Read<Guid[]>([(byte)WireKind.List, 0x80, 0x80, 0x40, .. many[..^1], (byte)WireKind.Varint]));
        AssertSmall(() => Read<Everything[]>([(byte)WireKind.List, 0xFF, 0xFF, 0x3F, (byte)WireKind.Varint, .. many]));
        AssertSmall(() => Read<object>([(byte)WireKind.Object, .. many]));
    }

    [Fact]
    public void Nesting_WithoutEnd_IsRefused()
    {
        var nested = Enumerable.Repeat(new byte[] { (byte)WireKind.List, 1 }, 100_000).SelectMany(bytes => bytes).ToArray();
        Assert.Throws<WireFormatException>(() => Read<NoResultHolder>([(byte)WireKind.Object, (5 + 1) << 3 | (byte)WireKind.List, 1, .. nested, 0]));
        var knots = Enumerable.Repeat((byte)(1 << 3 | (byte)WireKind.Object), 100_000).ToArray();
        Assert.Contains("levels", Assert.Throws<WireFormatException>(() => Read<Knot>([(byte)WireKind.Object, .. knots])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ThatRefuses_IsAWrongMessage()
    {
        var refusal = Assert.Throws<WireFormatException>(() => Read<Picky>([(byte)WireKind.Object, 1 << 3 | (byte)WireKind.Varint, 1, 0]));
        Assert.IsType<ArgumentOutOfRangeException>(refusal.InnerException);
    }

    [Fact]
    public void TypeName_OfATypeInNoManifest_MakesNothing()
    {
        var name = System.Text.Encoding.UTF8.GetBytes("System.Text.StringBuilder");
        Assert.Contains("StringBuilder", Assert.Throws<WireFormatException>(
            () => Read<object>([(byte)WireKind.Typed, (byte)name.Length, .. name, (byte)WireKind.Object, 0])).Message, StringComparison.Ordinal);
        var circle = System.Text.Encoding.UTF8.GetBytes("wire-tests.hidden");
        Assert.Throws<WireFormatException>(() => Read<Shape>([(byte)WireKind.Typed, (byte)circle.Length, .. circle, (byte)WireKind.Object, 0]));
    }

    private static object? Sample(Type type, int seed) => type == typeof(Shape) ? new Ring { Name = $"{seed}", Within = new Circle { Name = "c" } }
        : type == typeof(Exception) ? new CodedException("text", seed, new FormatException("inner"))
        : type == typeof(Picky) ? new Picky(seed + 1)
        : type == typeof(Knot) ? new Knot { Next = new Knot { Next = new Knot() } }
        : type == typeof(System.Text.Json.JsonElement) ? System.Text.Json.JsonElement.Parse($$"""{"seed":{{seed}},"list":[1,"two",null]}""")
        : type == typeof(Orleans.Embedded.RequestValues) ? Orleans.Embedded.RequestValues.With(Orleans.Embedded.RequestValues.With(null, "a", seed), "b", "text")
        : type == typeof(Everything) ? new Everything { Anything = seed, Shapes = [new Circle { Name = "c" }], Points = new() { ["a"] = new Point(1, 2) }, Table = [[1]], Bytes = [1, 2], Decimals = [1m] }
        : type == typeof(Dictionary<string, Shape>) ? new Dictionary<string, Shape>(StringComparer.OrdinalIgnoreCase) { ["a"] = new Circle { Name = "c" }, ["b"] = new Ring { Name = "r" } }
        : type == typeof(SortedSet<string>) ? new SortedSet<string>(["b", "a"], StringComparer.Ordinal)
        : new Samples(seed).Make(type);

    private static void ReadCarefully(Func<object?> read, string what)
    {
        try
        {
            read();
        }
        catch (WireFormatException)
        {
            // As it should be.
        }
        catch (Exception exception)
        {
            Assert.Fail($"{what}: {exception}");
        }
    }

    private static void AssertSmall(Func<object?> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WireFormatException>(() => read());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }
}

/// <summary>Has no members: all that comes is skipped.</summary>
[GenerateSerializer, Alias("wire-tests.none")]
public sealed class NoResultHolder;
