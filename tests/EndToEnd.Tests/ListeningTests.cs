using System.Net.Http;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd;

/// <summary>Until somebody can sign in, others cannot reach Warroom by accident.</summary>
public sealed class ListeningTests
{
    [Fact]
    public async Task Address_that_others_can_reach_is_refused_with_the_reason()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var process = Start(database, Binaries.FreePort());

        Assert.NotEqual(0, await process.WaitForExitAsync("as the address is refused"));
        Assert.Contains(process.Lines, line => line.Contains("--insecure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_that_others_can_reach_is_accepted_when_it_is_meant()
    {
        await using var database = await TestDatabase.CreateAsync();
        var port = Binaries.FreePort();
        await using var process = Start(database, port, "--insecure");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        await Eventually.SucceedsAsync("Warroom to be live", async () => await http.GetStringAsync("live"));
        process.SendTerminate();
        Assert.Equal(0, await process.WaitForExitAsync("after SIGTERM"));
    }

    private static ProcessUnderTest Start(TestDatabase database, int port, params string[] arguments) =>
        ProcessUnderTest.Start(
            "dotnet",
            [Binaries.Frontend, "--contentRoot", Binaries.FrontendFolder, "--urls", $"http://0.0.0.0:{port}", .. arguments],
            new Dictionary<string, string?>(StringComparer.Ordinal) { [PostgresServer.ConnectionStringVariable] = database.ConnectionString });
}
