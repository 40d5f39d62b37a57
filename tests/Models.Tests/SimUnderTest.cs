using System.Net.Http.Json;
using System.Text.Json;
using Warroom.Simulation;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>A simulator of a test's own, on a port that the system chose, as fast as it goes unless told otherwise.</summary>
public sealed class SimUnderTest : IAsyncDisposable
{
    private readonly SimServer _server;
    private readonly HttpClient _http;

    private SimUnderTest(SimServer server)
    {
        _server = server;
        Endpoint = server.Endpoint.ToString().TrimEnd('/');
        _http = new HttpClient { BaseAddress = server.Endpoint };
    }

    public string Endpoint { get; }

    public static async Task<SimUnderTest> StartAsync(TimeProvider? time = null) => new(await SimServer.StartAsync(
        ["--urls", "http://127.0.0.1:0", "--Sim:TokensPerSecond", "0", "--Sim:FirstTokenDelayMs", "0"], time ?? TimeProvider.System));

    /// <summary>Changes what it does; the members are those of SimKnobs.</summary>
    public async Task SetAsync(object knobs)
    {
        using var response = await _http.PostAsJsonAsync("sim/knobs", knobs);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>What it was asked, the oldest first.</summary>
    public async Task<IReadOnlyList<SimSeen>> RequestsAsync() => (await LogAsync()).Requests;

    public async Task<SimSeenLog> LogAsync() => (await _http.GetFromJsonAsync<SimSeenLog>("sim/requests", JsonSerializerOptions.Web))!;

    /// <summary>Waits until the last request has ended, and returns it.</summary>
    public async Task<SimSeen> LastEndedAsync() => await Eventually.FindAsync<SimSeen>(
        "the simulator to see its last request end", async () => await RequestsAsync() is [.., { Outcome: not "running" } last] ? last : null);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }
}

public sealed record SimSeen(long Id, string Path, string Model, bool Stream, string Prompt, string System, int Messages, string Fault, string Outcome, int Tokens);

public sealed record SimSeenLog(int Running, int RunningMax, IReadOnlyList<SimSeen> Requests);
