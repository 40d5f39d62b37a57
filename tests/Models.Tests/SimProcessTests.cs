using System.Net.Http.Json;
using System.Text.Json;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>The simulator as the process that it is.</summary>
public sealed class SimProcessTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Warroom.OllamaSim.dll");

    [Fact]
    public async Task Process_Starts_SaysWhereAndEndsWhenTold()
    {
        await using var process = ProcessUnderTest.Start("dotnet", [Program, "--urls", "http://127.0.0.1:0", "--Sim:ReplyTokens", "7"]);
        var line = await process.WaitForLineAsync("it to listen", said => said.StartsWith("OllamaSim listens on http://127.0.0.1:", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri(line.Split(' ', ';')[3]) };
        Assert.Equal("Ollama is running", await http.GetStringAsync("/"));
        var knobs = await http.GetFromJsonAsync<JsonElement>("/sim/knobs");
        Assert.Equal(7, knobs.GetProperty("replyTokens").GetInt32());
        using var refused = await http.PostAsJsonAsync("/sim/knobs", new { replyTokens = -1 });
        Assert.Equal(400, (int)refused.StatusCode);
        using var unknown = await http.PostAsJsonAsync("/sim/knobs", new { noSuchKnob = 1 });
        Assert.Equal(400, (int)unknown.StatusCode);
        process.SendTerminate();
        Assert.Equal(0, await process.WaitForExitAsync("it was told to"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "is not loopback")]
    [InlineData("nonsense", "is not an http address")]
    public async Task Process_BadAddress_SaysWhy(string url, string expected)
    {
        await using var process = ProcessUnderTest.Start("dotnet", [Program, "--urls", url]);
        Assert.Equal(1, await process.WaitForExitAsync("it refused"));
        Assert.Contains(process.Lines, line => line.Contains(expected, StringComparison.Ordinal));
    }
}
