using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

using Warroom.Faults.Harness;
using Warroom.Testing;

using Xunit;

namespace Warroom.Faults.Rows;

/// <summary>Guards can be switched off in configuration Mutated and nowhere else, and none without a control that does it.</summary>
public sealed partial class GuardsTests
{
    // ldc.i4.1; ret
    private static readonly byte[] True = [0x17, 0x2A];

    private static IEnumerable<string> Product =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Binaries.Frontend(mutated: false))!, "*.dll").Where(file => Path.GetFileName(file).StartsWith("Warroom.", StringComparison.Ordinal) || Path.GetFileName(file) == "Orleans.Embedded.dll");

    [Fact]
    public void Guards_are_constants_in_what_ships()
    {
        var guards = Product.SelectMany(Guards).ToList();

        Assert.Equal(["Orleans.Embedded.dll", "Warroom.Frontend.dll", "Warroom.Grains.dll", "Warroom.Silo.dll"], guards.Select(guard => guard.Assembly).Distinct().Order(StringComparer.Ordinal));
        Assert.All(guards, guard => Assert.True(guard.Code.SequenceEqual(True), $"{guard.Name} of {guard.Assembly} is not constant: it was built in configuration Mutated."));
    }

    [Fact]
    public void Nothing_that_ships_reads_the_switch()
    {
        Assert.True(Holds(typeof(GuardsTests).Assembly.Location, Switch), "The search does not find the switch where it is.");
        Assert.DoesNotContain(Product, file => Holds(file, Switch));
    }

    [Fact]
    public void Every_guard_has_a_control()
    {
        var names = GuardName().Matches(File.ReadAllText(Path.Combine(Repository.Root, "eng", "mutations", "Guards.Mutated.cs"))).Select(match => match.Groups["name"].Value).ToList();
        var controls = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Faults.Tests", "Rows"), "*Controls.cs").Select(File.ReadAllText));

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches($"[\",]{name}[\",]", controls));
    }

    // A literal of the code is UTF-16 in the file; nothing else of it is.
    private static string Switch => "WARROOM_MUTATION";

    private static bool Holds(string file, string literal) => File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(literal)) >= 0;

    private static List<(string Assembly, string Name, byte[] Code)> Guards(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        return
        [
            .. from type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
               where metadata.GetString(type.Name) == "Guards" && metadata.GetString(type.Namespace) == "Warroom"
               from method in type.GetMethods().Select(metadata.GetMethodDefinition)
               select (Path.GetFileName(file), metadata.GetString(method.Name), image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!),
        ];
    }

    [GeneratedRegex("IsOn\\(\"(?<name>[a-z-]+)\"\\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex GuardName();
}
