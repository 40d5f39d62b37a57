using Warroom.Frontend.Errors;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Operations;

/// <summary>A setting that is not as it must be stops the start with a sentence: it neither crashes nor is found out later on.</summary>
public sealed class RefusedStartTests
{
    [Theory]
    [InlineData("Live__AuditInterval", "0", "AuditInterval must be between 00:00:00.01")]
    [InlineData("Live__DrainTimeout", "00:00:00", "DrainTimeout must be between 00:00:00.1")]
    [InlineData("Live__Linger", "-00:00:01", "Linger must be between 00:00:00")]
    [InlineData("Live__AuditInterval", "soon", "'soon' at 'Live:AuditInterval'")]
    [InlineData("Cluster__Role", "Foo", "'Foo' at 'Cluster:Role'")]
    [InlineData("CORS_ALLOWED_ORIGINS", "grafana", "\\u0022grafana\\u0022 is not an origin", "\"grafana\" is not an origin")]
    [InlineData(PostgresServer.ConnectionStringVariable, "", "No database is named. Set ConnectionStrings__Warroom")]
    [InlineData(PostgresServer.ConnectionStringVariable, "Host=127.0.0.1;Nonsense=7", "ConnectionStrings__Warroom is not well-formed")]
    public async Task Start_SettingThatIsNotAsItMustBe_EndsWithASentence(string name, string value, params string[] oneOf)
    {
        await using var process = ProcessUnderTest.Start(
            "dotnet",
            [typeof(Problem).Assembly.Location, "--urls", "http://127.0.0.1:0"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { [PostgresServer.ConnectionStringVariable] = "Host=127.0.0.1;Port=1;Database=none;Username=none", [name] = value });

        Assert.Equal(1, await process.WaitForExitAsync("as a setting is refused"));
        var said = string.Join('\n', process.Lines).Replace("\\u0027", "'", StringComparison.Ordinal);
        Assert.True(said.Contains("Warroom does not start: ", StringComparison.Ordinal) && oneOf.Any(sentence => said.Contains(sentence, StringComparison.Ordinal)), said);

        // Neither a crash nor the line for a fault of ours; what the framework's host logs of a start that failed stays.
        Assert.DoesNotContain("Unhandled exception", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\"EventId\":2413", said, StringComparison.Ordinal);
    }
}
