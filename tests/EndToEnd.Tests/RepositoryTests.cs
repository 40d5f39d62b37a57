using System.Text.RegularExpressions;
using System.Xml.Linq;

using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd;

/// <summary>House rules (STYLE) that no analyzer holds.</summary>
public sealed partial class RepositoryTests
{
    [Fact]
    public void Lock_files_of_npm_name_no_registry()
    {
        foreach (var file in Files("package-lock.json"))
        {
            Assert.DoesNotContain("\"resolved\": \"http", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        foreach (var file in Files("*.csproj"))
        {
            Assert.DoesNotContain(XDocument.Load(file).Descendants("PackageReference"), reference => reference.Attribute("Version") is not null);
        }
    }

    [Theory]
    [InlineData("Grains.Abstractions")]
    [InlineData("Grains", "Grains.Abstractions")]
    [InlineData("Silo", "Grains", "Grains.Abstractions")]
    [InlineData("Frontend", "Silo", "Grains.Abstractions")]
    public void Project_references_point_one_way(string project, params string[] allowed)
    {
        var references = XDocument.Load(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Where(name => !name.StartsWith("Orleans.", StringComparison.Ordinal));

        Assert.Empty(references.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void Engine_knows_nothing_of_the_product()
    {
        foreach (var file in Files("*.cs").Where(file => file.Contains("/src/Orleans.Embedded", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(ProductWord(), File.ReadAllText(file));
        }
    }

    [Fact]
    public void Migrations_are_numbered_without_a_gap_and_say_why()
    {
        var migrations = Files("*.sql").Where(file => Path.GetDirectoryName(file) == Path.Combine(Repository.Root, "sql")).Order(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(migrations);
        Assert.Equal(Enumerable.Range(1, migrations.Count), migrations.Select(file => int.Parse(Path.GetFileName(file)[..4])));
        Assert.All(migrations, file => Assert.StartsWith("--", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_of_settings_says_what_the_options_classes_say()
    {
        await using var check = ProcessUnderTest.Start("node", [Path.Combine(Repository.Root, "eng", "settings.mjs"), "--check"]);

        Assert.True(await check.WaitForExitAsync("eng/settings.mjs --check") == 0, string.Join(Environment.NewLine, check.Lines));
    }

    [Fact]
    public void Sources_hold_no_left_overs()
    {
        foreach (var file in Files("*.cs"))
        {
            Assert.DoesNotMatch(LeftOver(), File.ReadAllText(file));
        }
    }

    [Fact]
    public void Log_event_ids_mean_one_thing_each()
    {
        var ids = Files("*.cs")
            .SelectMany(file => EventId().Matches(File.ReadAllText(file)).Select(match => (Id: int.Parse(match.Groups["id"].Value), File: Path.GetRelativePath(Repository.Root, file))))
            .Where(log => log.File.StartsWith("src/", StringComparison.Ordinal))
            .ToList();

        Assert.Contains(ids, log => log.Id == 1305);
        Assert.Empty(ids.GroupBy(log => log.Id).Where(logs => logs.Count() > 1).Select(logs => $"{logs.Key}: {string.Join(", ", logs.Select(log => log.File))}"));
        Assert.All(ids, log => Assert.StartsWith(EventIdOwner(log.Id), log.File, StringComparison.Ordinal));
    }

    [Fact]
    public void Program_stays_small()
    {
        foreach (var file in Files("Program.cs").Where(file => file.Contains("/src/", StringComparison.Ordinal)))
        {
            Assert.True(File.ReadAllLines(file).Length < 70, $"{file} has {File.ReadAllLines(file).Length} lines; each capability registers itself by one call.");
        }
    }

    // 1000 to 1999 the engine, then silo, grains and front end: who sees an id in a log knows where to look.
    private static string EventIdOwner(int id) => (id / 1000) switch
    {
        1 => "src/Orleans.Embedded/",
        2 => "src/Silo/",
        3 => "src/Grains/",
        4 => "src/Frontend/",
        _ => "no project",
    };

    // The repository's own files, without what builds and package managers put there.
    private static IEnumerable<string> Files(string pattern) =>
        new DirectoryInfo(Repository.Root)
            .EnumerateDirectories()
            .Where(folder => !folder.Name.StartsWith('.') && folder.Name is not "TestResults" and not "artifacts")
            .SelectMany(folder => folder.EnumerateFiles(pattern, SearchOption.AllDirectories))
            .Select(file => file.FullName)
            .Where(file => !GeneratedFolder().IsMatch(file));

    [GeneratedRegex(@"LoggerMessage\((EventId *= *)?(?<id>[0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EventId();

    [GeneratedRegex("/(bin|obj|node_modules)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GeneratedFolder();

    [GeneratedRegex(@"\b(Warroom\.(Incidents|Bots|Services|Alerts)|IIncidentGrain|IBotGrain)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProductWord();

    // With brackets, so that this file holds none of them.
    [GeneratedRegex(@"\bTO[D]O\b|\bFIX[M]E\b|NotImplemented[E]xception|^\s*#[r]egion", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LeftOver();
}
