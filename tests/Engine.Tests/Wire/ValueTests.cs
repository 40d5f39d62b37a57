using System.Collections;
using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Text.Json;
using Orleans.Embedded;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Embedded.Streams;
using static Warroom.Engine.Tests.Wire.WireUnderTest;

namespace Warroom.Engine.Tests.Wire;

/// <summary>Values of all kinds come back as they went.</summary>
public sealed class ValueTests
{
    [Fact]
    public void Numbers_AtTheirEnds_ComeBack()
    {
        AssertThrough(byte.MinValue, byte.MaxValue);
        AssertThrough(sbyte.MinValue, sbyte.MaxValue);
        AssertThrough(short.MinValue, short.MaxValue);
        AssertThrough(ushort.MinValue, ushort.MaxValue);
        AssertThrough(int.MinValue, -1, 0, 63, 64, int.MaxValue);
        AssertThrough(uint.MinValue, 127u, 128u, uint.MaxValue);
        AssertThrough(long.MinValue, -1L, 0L, long.MaxValue);
        AssertThrough(ulong.MinValue, ulong.MaxValue);
        AssertThrough('\0', 'ä', '\uD83D', char.MaxValue);
        AssertThrough(float.NaN, float.NegativeInfinity, float.Epsilon);
        AssertThrough(double.NaN, double.MaxValue, -0.0);
        AssertThrough(decimal.MinValue, decimal.MaxValue, 1.00m, -0.1m);
        AssertThrough(Int128.MinValue, Int128.MaxValue);
        AssertThrough(BigInteger.Pow(-7, 99), BigInteger.Zero);
        AssertThrough(true, false);
        AssertThrough<int?>(null, 0, 5);
        AssertThrough(Huge.Most, Huge.None, (Huge)77);
        AssertThrough(Tiny.Least, (Tiny)3);
        Assert.Equal(2, ((decimal)Through<object>(1.00m)).Scale);
    }

    [Fact]
    public void Times_OfAllKinds_ComeBack()
    {
        AssertThrough(DateTime.MinValue, DateTime.MaxValue, new DateTime(2026, 11, 20, 23, 0, 0, DateTimeKind.Utc), new DateTime(2026, 11, 20, 23, 0, 0, DateTimeKind.Unspecified));
        Assert.Equal(DateTimeKind.Utc, Through(new DateTime(5, DateTimeKind.Utc)).Kind);
        AssertThrough(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.FromMinutes(-210)));
        Assert.Equal(TimeSpan.FromMinutes(-210), Through(new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.FromMinutes(-210))).Offset);
        AssertThrough(TimeSpan.MinValue, TimeSpan.MaxValue, Timeout.InfiniteTimeSpan);
        AssertThrough(DateOnly.MinValue, DateOnly.MaxValue);
        AssertThrough(TimeOnly.MinValue, TimeOnly.MaxValue);
    }

    [Fact]
    public void Texts_OfAnyLength_ComeBack()
    {
        foreach (var length in new[] { 0, 1, 41, 42, 43, 127, 128, 255, 256, 300, 5_000, 200_000 })
            AssertThrough(new string('a', length), new string('ä', length), new string('文', length));
        AssertThrough<string?>(null, "", "\0", "😀 and more");
    }

    [Fact]
    public void Identities_AsTheEngineSendsThem_ComeBack()
    {
        AssertThrough(GrainId.Create("incident", "0193f2c48a517d00"), GrainId.Create("a", ""), default);
        AssertThrough(GrainType.Create("sys.silo"), default);
        AssertThrough(new GrainInterfaceType("warroom.incident"), default);
        AssertThrough(IdSpan.Create("key"), IdSpan.Create(""), default);
        AssertThrough(SiloAddress.New(IPAddress.IPv6Loopback, 11111, 7), SiloAddress.Zero);
        AssertThrough(StreamId.Create("incident", Guid.NewGuid()), StreamId.Create(null, "all"));
        AssertThrough(ActivationId.NewId());
        AssertThrough(new StreamToken(long.MaxValue, 3));
        AssertThrough<Orleans.Streams.StreamSequenceToken>(new StreamToken(5, 1));
        AssertThrough(Guid.Empty, Guid.NewGuid());
        AssertThrough(new Uri("https://example.test/a?b=%20"), new Uri("/relative", UriKind.Relative));
        AssertThrough(new Version(1, 2), new Version(1, 2, 3, 4));
        AssertThrough(IPEndPoint.Parse("[::1]:80"));
        AssertThrough(default(NoResult));
    }

    [Fact]
    public void StreamBatch_OfTheProductsItems_ComesBack()
    {
        var item = (Orleans.Embedded.Streams.StreamItem<Incidents.IncidentUpdate>[])new Samples(3).Make(typeof(Orleans.Embedded.Streams.StreamItem<Incidents.IncidentUpdate>[]), 1)!;
        Assert.Null(Samples.Difference(item.Select(one => one.Value).ToList(), Through(item).Select(one => one.Value).ToList()));
        Assert.Equal(item.Select(one => one.Token), Through(item).Select(one => one.Token));
        var batch = new (StreamToken Sequence, Bots.SessionUpdate Item)[] { (new StreamToken(9, 0), (Bots.SessionUpdate)new Samples(4).Make(typeof(Bots.SessionUpdate))!) };
        Assert.Null(Samples.Difference(batch[0].Item, Through(batch)[0].Item));
        Assert.Equal(batch[0].Sequence, Through(batch)[0].Sequence);
    }

    [Fact]
    public void RequestValues_OfEveryKind_ComeBack()
    {
        var chain = Guid.NewGuid();
        var shape = new Circle { Name = "sun", Radius = 1 };
        object[] values = ["text", true, 5, 5L, 2.5, chain, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), shape, Huge.Most, new[] { "a", "b" }];
        var sent = values.Select((value, i) => (value, i)).Aggregate((RequestValues?)null, (all, one) => RequestValues.With(all, $"key{one.i}", one.value));
        var read = Through(RequestValues.WithReentrancy(sent, chain))!;
        Assert.Equal(values.Length, read.Keys.Count());
        for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], read.Get($"key{i}"));
        Assert.Equal(chain, read.ReentrancyId);
        Assert.Null(Through<RequestValues?>(null));
    }

    [Fact]
    public void Collections_OfEveryKind_ComeBackInOrder()
    {
        foreach (var value in Collections.All)
        {
            var type = value.GetType().Name.Contains("Frozen", StringComparison.Ordinal) ? value.GetType().BaseType! : value.GetType();
            while (!type.IsArray && type.BaseType is { IsGenericType: true } parent && parent.Name.StartsWith("Frozen", StringComparison.Ordinal)) type = parent;
            var read = WireUnderTest.Read(type, Write(type, value))!;
            Assert.IsAssignableFrom(type, read);
            Assert.Equal(((IEnumerable)value).Cast<object?>(), ((IEnumerable)read).Cast<object?>());
        }
    }

    [Fact]
    public void Bytes_InAnything_ComeBack()
    {
        byte[] bytes = [1, 2, 255];
        Assert.Equal(bytes, Through(bytes));
        Assert.Equal(bytes, Through<ReadOnlyMemory<byte>>(bytes).ToArray());
        Assert.Equal(bytes, Through(ImmutableArray.Create(bytes)));
        Assert.True(Through(default(ImmutableArray<byte>)).IsDefault);
        Assert.True(Through(default(ImmutableArray<int>)).IsDefault);
        Assert.Equal("""{"a":[1,2]}""", Through(JsonElement.Parse("""{"a":[1,2]}""")).GetRawText());
    }

    [Fact]
    public void Comparer_OfStringComparer_IsKept()
    {
        Assert.True(Through(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }).ContainsKey("A"));
        Assert.False(Through(new Dictionary<string, int> { ["a"] = 1 }).ContainsKey("A"));
        Assert.Contains("A", Through(new HashSet<string>(["a"], StringComparer.OrdinalIgnoreCase)));
        Assert.Equal(["B", "a"], Through(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal).Add("a", 1).Add("B", 2)).Keys);
        Assert.Same(StringComparer.Ordinal, Through(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal).Add("a", 1)).KeyComparer);
    }

    [Fact]
    public void Comparer_OfOnesOwn_IsRefused() => Assert.Throws<NotSupportedException>(
        () => Write(new SortedSet<int>([1, 2], Comparer<int>.Create(static (one, other) => other.CompareTo(one)))));

    [Fact]
    public void Members_HiddenInEveryWay_ComeBack()
    {
        var hidden = new Hidden(1, "text", 2, 3) { Numbers = [7, 8], NotSent = 9 };
        hidden.Hide(6, null);
        Assert.Equal("1  2 3 6 0 7,8", Through(hidden).ToString());
        Assert.Equal(new Numbered("one", 7) { Third = 8 }, Through(new Numbered("one", 7) { Third = 8 }));
        var all = Through(new AllOfIt { Text = "t", Number = 4 });
        Assert.Equal(("t", 4), (all.Text, all.Number));
        AssertThrough(new Point(1, -1));
        Assert.Equal([2, 3], Through(new Box<int>(1, [2, 3])).More);
        Assert.Equal("s", Through(new Box<string>("s", [])).Content);
    }

    [Fact]
    public void DerivedType_WhereItsParentIsExpected_KeepsItsType()
    {
        var ring = new Ring { Name = "ring", Radius = 2, Hole = 1, Within = new Circle { Name = "inner", Radius = 0.5 } };
        Assert.Equal(ring, Through<Shape>(ring));
        Assert.Equal(ring, Through<Circle>(ring));
        Assert.Equal(ring, Through<object>(ring));
        Assert.IsType<Circle>(Through(new Circle { Name = "plain" }));
        Assert.True(Write(ring).Length < Write<Shape>(ring).Length, "A sealed type does not need its name.");
    }

    [Fact]
    public void Everything_AtOnce_ComesBack()
    {
        var all = new Everything
        {
            Anything = new Circle { Name = "c" },
            Shapes = [new Ring { Name = "r" }, new Circle { Name = "d" }],
            Points = new() { ["a"] = new Point(1, 2), ["b"] = null },
            Huge = Huge.Most,
            Tuple = (1, null, new Point(3, 4)),
            Bytes = [1],
            Table = [[1, 2], []],
            Failure = new FormatException("f"),
            Box = new Box<Point>(new Point(5, 6), []),
            Decimals = [1.5m],
        };
        var read = Through(all);
        Assert.Null(Samples.Difference(all, read));
        Assert.Equal("f", Assert.IsType<FormatException>(read.Failure).Message);
        Assert.Null(Samples.Difference(new Everything(), Through(new Everything())));
    }

    [Fact]
    public void Type_WithoutCodec_IsRefusedWithWhatToDo()
    {
        var refusal = Assert.Throws<NotSupportedException>(() => Write(new Dictionary<string, Lazy<int>> { ["a"] = new(1) }));
        Assert.Contains("[GenerateSerializer]", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Lazy", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Write<object>(new Lazy<int>(1)));
        Assert.Throws<NotSupportedException>(() => Write<Action>(() => { }));
    }

    [Fact]
    public void Knot_ThatContainsItself_IsRefused()
    {
        var knot = new Knot();
        knot.Next = knot;
        Assert.Throws<NotSupportedException>(() => Write(knot));
    }

    [Fact]
    public void KnownTypes_OfGeneratorAndEngine_AreTheSame()
    {
        var fixedTypes = WireCodecs.Fixed.Keys.Where(type => type.IsPublic && !type.IsArray && type.Assembly != typeof(NoResult).Assembly).Select(Definition);
        var engines = fixedTypes.Concat(CollectionFactory.Definitions.Where(type => type.IsPublic).Select(type => type.FullName!)).Distinct().Order(StringComparer.Ordinal);
        var generators = Orleans.Embedded.Generator.WireTypes.Names.Where(name => name.StartsWith("System.", StringComparison.Ordinal) && name != "System.Exception").Order(StringComparer.Ordinal);
        Assert.Equal(engines, generators);
        foreach (var name in Orleans.Embedded.Generator.WireTypes.Names.Where(name => name.StartsWith("Orleans.", StringComparison.Ordinal)))
            Assert.False(WireCodecs.Make(typeof(GrainId).Assembly.GetType(name, throwOnError: true)!) is IMissingCodec, $"{name} has no codec.");

        static string Definition(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;
    }

    private static void AssertThrough<T>(params T[] values)
    {
        foreach (var value in values) Assert.Equal(value, Through(value));
        Assert.Equal(values, Through(values));
        Assert.Equal(values, Through(values.ToList()));
    }
}
