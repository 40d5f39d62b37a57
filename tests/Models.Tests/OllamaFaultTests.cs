using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Warroom.Ollama;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>The client of Ollama, when something goes wrong: rows 29 to 33 of the fault matrix as the client sees them.</summary>
public sealed class OllamaFaultTests : IAsyncLifetime
{
    private const string Script = "one two three four five six";
    private const string FirstThree = "one two three";
    private SimUnderTest _sim = null!;
    private ClientUnderTest _client = null!;

    public async ValueTask InitializeAsync()
    {
        _sim = await SimUnderTest.StartAsync();
        await _sim.SetAsync(new { reply = Script });
        _client = new ClientUnderTest(_sim.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _sim.DisposeAsync();
    }

    [Theory]
    [InlineData("unavailable", ModelFailure.Overloaded, "model.overloaded")]
    [InlineData("error", ModelFailure.Failed, "model.failed")]
    public async Task Ask_ErrorStatus_FailsWithoutText(string fault, ModelFailure expected, string code)
    {
        await _sim.SetAsync(new { fault, faultRequests = 1 });
        var (text, failure) = await _client.FailAsync("a");
        Assert.Equal(string.Empty, text);
        Assert.Equal(expected, failure.Failure);
        Assert.Equal(code, failure.ErrorCode);
        Assert.Equal(Script, await _client.TextAsync("a"));
    }

    [Theory]
    [InlineData("cut", ModelFailure.Cut)]
    [InlineData("missingDone", ModelFailure.Cut)]
    [InlineData("malformed", ModelFailure.Protocol)]
    [InlineData("rawNul", ModelFailure.Protocol)]
    [InlineData("errorInStream", ModelFailure.Failed)]
    [InlineData("giantLine", ModelFailure.Protocol)]
    public async Task Ask_FaultAfterThreeTokens_KeepsThemAndFails(string fault, ModelFailure expected)
    {
        await _sim.SetAsync(new { fault, faultAfterTokens = 3, faultRequests = 1 });
        var (text, failure) = await _client.FailAsync("a");
        Assert.Equal(FirstThree, text);
        Assert.Equal(expected, failure.Failure);
        Assert.True(failure.CountsAgainstEndpoint);
        Assert.Equal(Script, await _client.TextAsync("a"));
    }

    [Fact]
    public async Task Ask_CutInTheMiddleOfALine_KeepsWholeTokens()
    {
        // One line is about 118 bytes: two whole ones and a half.
        await _sim.SetAsync(new { fault = "cut", faultAfterBytes = 290 });
        var (text, failure) = await _client.FailAsync("a");
        Assert.Equal("one two", text);
        Assert.Equal(ModelFailure.Cut, failure.Failure);
    }

    [Fact]
    public async Task Ask_GiantLine_IsNotKeptInMemory()
    {
        await _sim.SetAsync(new { fault = "giantLine", giantLineBytes = 100 * 1024 * 1024 });
        await _client.FailAsync("a");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (_, failure) = await _client.FailAsync("a");
        Assert.Equal(ModelFailure.Protocol, failure.Failure);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task Ask_NoFirstToken_TimesOutAfterThirtySecondsAndStopsTheModel()
    {
        var time = new ManualTimeProvider();
        using var client = new ClientUnderTest(_sim.Endpoint, time);
        await _sim.SetAsync(new { fault = "hang" });
        var asking = client.FailAsync("a");
        await Eventually.HoldsAsync("the request to arrive", async () => (await _sim.LogAsync()).Running == 1);
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var (_, failure) = await asking;
        Assert.Equal(ModelFailure.Timeout, failure.Failure);
        Assert.Contains("first token", failure.Message);
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Ask_StallAfterTokens_TimesOutAndKeepsThem()
    {
        var time = new ManualTimeProvider();
        using var client = new ClientUnderTest(_sim.Endpoint, time);
        await _sim.SetAsync(new { fault = "stall", faultAfterTokens = 3 });
        await using var reading = client.AskAsync("a").GetAsyncEnumerator();
        var text = new StringBuilder();
        while (text.Length < FirstThree.Length && await reading.MoveNextAsync())
            text.Append(reading.Current.Text);
        time.Advance(TimeSpan.FromSeconds(29));
        var next = reading.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<ModelException>(() => next);
        Assert.Equal(ModelFailure.Timeout, failure.Failure);
        Assert.Contains("next token", failure.Message);
        Assert.Equal(FirstThree, text.ToString());
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Ask_UnknownModel_SaysSo()
    {
        var (_, failure) = await _client.FailAsync("a", model: "nobody:1b");
        Assert.Equal(ModelFailure.ModelNotFound, failure.Failure);
        Assert.False(failure.CountsAgainstEndpoint);
    }

    [Fact]
    public async Task Ask_NobodyListens_IsUnavailable()
    {
        using var client = new ClientUnderTest(UnusedEndpoint());
        var (_, failure) = await client.FailAsync("a");
        Assert.Equal(ModelFailure.Unavailable, failure.Failure);
        Assert.StartsWith("Ollama temporarily unavailable", failure.UserText);
        Assert.Equal(ModelFailure.Unavailable, (await Assert.ThrowsAsync<ModelException>(() => client.Clients.ListAsync(client.Clients.Endpoints[0]))).Failure);
    }

    [Theory]
    [InlineData("not an address", "is not an http or https address")]
    [InlineData("ftp://127.0.0.1", "is not an http or https address")]
    public void Options_BadEndpoint_IsRefusedAtStart(string endpoint, string expected)
    {
        using var services = Services(("Ollama:Endpoints:0", endpoint));
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<OllamaOptions>>().Value);
        Assert.Contains(expected, refused.Message);
    }

    [Fact]
    public void Options_NothingConfigured_IsTheLocalOllama()
    {
        using var services = Services();
        Assert.Equal([OllamaOptions.DefaultEndpoint], services.GetRequiredService<IModelClients>().Endpoints);
        using var bad = Services(("Ollama:FirstTokenTimeout", "00:00:00"));
        Assert.Throws<OptionsValidationException>(() => bad.GetRequiredService<IOptions<OllamaOptions>>().Value);
    }

    /// <summary>An address of this machine at which nobody listens.</summary>
    internal static string UnusedEndpoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}";
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddOllama(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build())
        .BuildServiceProvider();
}
