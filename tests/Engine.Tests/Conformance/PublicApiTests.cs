using Orleans.TestingHost;

namespace Warroom.Engine.Tests.Conformance;

/// <summary>The engine's public API is that of Orleans, as far as it goes: held against the real assemblies.</summary>
public sealed class PublicApiTests
{
    private static readonly string[] RealAssemblies = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "real-orleans"), "*.dll");

    private static readonly IReadOnlyList<ApiType> Offered =
    [
        .. ApiReader.Read(typeof(IGrain).Assembly.Location).Concat(ApiReader.Read(typeof(InProcessTestCluster).Assembly.Location)).Where(type => !IsOwn(type.Name)),
    ];

    private static readonly ApiComparison Comparison = new(Offered, RealAssemblies.SelectMany(ApiReader.Read).DistinctBy(type => type.Name));

    [Fact]
    public void Types_TheRealOnesAtHand_LookTheSame()
    {
        Assert.Equal(5, RealAssemblies.Length);
        Assert.True(Comparison.Compared >= 70, $"Only {Comparison.Compared} types were compared.");
        AssertNone("The engine's public API differs from Orleans'", Comparison.Differences());
    }

    [Fact]
    public void Methods_OfTypesNotAtHand_AreThoseThatTheRealAssembliesCall()
    {
        var used = RealAssemblies.SelectMany(ApiReader.ReadUsedMembers).Where(member => member.Type.StartsWith("Orleans.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(used);
        AssertNone("The engine's methods differ from those that are called", Comparison.Differences(used));
    }

    [Fact]
    public void Types_TheRealOnesNotAtHand_AreKnown()
    {
        var used = RealAssemblies.SelectMany(ApiReader.ReadUsedTypes).ToHashSet();
        var known = KnownTypes().ToHashSet();
        AssertNone(
            "Orleans is not known to have these types (Conformance/KnownTypes.txt)",
            Comparison.NotAtHand.Where(name => !used.Contains(name) && !known.Contains(name)));
    }

    [Fact]
    public void KnownTypes_EachLine_IsNeeded()
    {
        var used = RealAssemblies.SelectMany(ApiReader.ReadUsedTypes).ToHashSet();
        var missing = Comparison.NotAtHand.Where(name => !used.Contains(name)).ToHashSet();
        AssertNone("These lines of Conformance/KnownTypes.txt are needed no more", KnownTypes().Where(name => !missing.Contains(name)));
    }

    private static IEnumerable<string> KnownTypes() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "KnownTypes.txt")).Where(line => line.Length > 0 && line[0] != '#');

    private static bool IsOwn(string name) => name.StartsWith("Orleans.Embedded.", StringComparison.Ordinal);

    private static void AssertNone(string what, IEnumerable<string> lines)
    {
        var found = lines.ToList();
        if (found.Count > 0) Assert.Fail($"{what}, {found.Count} times:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }
}
