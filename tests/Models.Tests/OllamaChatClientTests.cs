using Microsoft.Extensions.AI;
using Warroom.Ollama;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>The client of Ollama, when all is well.</summary>
public sealed class OllamaChatClientTests : IAsyncLifetime
{
    private SimUnderTest _sim = null!;
    private ClientUnderTest _client = null!;

    public async ValueTask InitializeAsync()
    {
        _sim = await SimUnderTest.StartAsync();
        _client = new ClientUnderTest(_sim.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _sim.DisposeAsync();
    }

    [Fact]
    public async Task Stream_Reply_IsItsTokensUsageAndReason()
    {
        await _sim.SetAsync(new { reply = "one two — three 🚒 four" });
        var updates = await _client.AskAsync("anything").ToListAsync();
        Assert.Equal("one two — three 🚒 four", string.Concat(updates.Select(update => update.Text)));
        Assert.Equal(["one", " two", " —", " three", " 🚒", " four"], updates.SelectMany(update => update.Contents.OfType<TextContent>()).Select(token => token.Text));
        Assert.Equal("sim:small", updates[0].ModelId);
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        var usage = updates[^1].Contents.OfType<UsageContent>().Single().Details;
        Assert.Equal(6, usage.OutputTokenCount);
        Assert.Equal(usage.InputTokenCount + 6, usage.TotalTokenCount);
    }

    [Fact]
    public async Task Stream_Burst_IsFewUpdatesWithManyTokens()
    {
        await _sim.SetAsync(new { replyTokens = 5000, tokensPerSecond = 10_000 });
        var updates = await _client.AskAsync("burst").ToListAsync();
        Assert.Equal(5000, updates.Sum(update => update.Contents.OfType<TextContent>().Count()));
        Assert.InRange(updates.Count, 1, 2500);
    }

    [Fact]
    public async Task Stream_HumanSpeed_IsOneUpdateForEachToken()
    {
        var time = new ManualTimeProvider();
        await using var sim = await SimUnderTest.StartAsync(time);
        await sim.SetAsync(new { replyTokens = 20, tokensPerSecond = 1 });
        using var client = new ClientUnderTest(sim.Endpoint);
        await using var updates = client.AskAsync("slow").GetAsyncEnumerator();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await Eventually.CompletesAsync($"token {i}", updates.MoveNextAsync().AsTask()));
            Assert.Single(updates.Current.Contents.OfType<TextContent>());
            if (i < 19)
            {
                await time.WhenArmedAsync();
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task Stream_CharactersCutInTwo_AreWhole()
    {
        await _sim.SetAsync(new { reply = "é🚒 — “x”", fault = "splitUtf8" });
        Assert.Equal("é🚒 — “x”", await _client.TextAsync("anything"));
    }

    [Fact]
    public async Task Stream_NulInText_IsReplaced()
    {
        await _sim.SetAsync(new { reply = "one two", fault = "nul", faultAfterTokens = 1 });
        Assert.Equal("one a\uFFFDb two", await _client.TextAsync("anything"));
    }

    [Fact]
    public async Task Stream_LeftEarly_StopsTheModel()
    {
        await _sim.SetAsync(new { fault = "endless", tokensPerSecond = 500 });
        await foreach (var _ in _client.AskAsync("for ever"))
            break;
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Stream_Cancelled_StopsTheModelAndSaysSo()
    {
        await _sim.SetAsync(new { fault = "endless", tokensPerSecond = 500 });
        using var cancelling = new CancellationTokenSource();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _client.AskAsync("for ever", cancellationToken: cancelling.Token))
                await cancelling.CancelAsync();
        });
        Assert.Equal(cancelling.Token, thrown.CancellationToken);
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Stream_CancelledBeforeTheFirstToken_StopsTheModel()
    {
        await _sim.SetAsync(new { fault = "hang" });
        using var cancelling = new CancellationTokenSource();
        var asking = _client.TextAsync("never", cancellationToken: cancelling.Token);
        await Eventually.HoldsAsync("the request to arrive", async () => (await _sim.LogAsync()).Running == 1);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Stream_OptionsAndInstructions_ReachTheModel()
    {
        var response = await _client.Chat.GetResponseAsync(
            [new(ChatRole.User, "a question")],
            new() { ModelId = "sim:small", MaxOutputTokens = 3, Temperature = 0.2f, Instructions = "Be short." });
        Assert.Equal("*Simulated reply", response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Stop, (await _client.Chat.GetResponseAsync([new(ChatRole.User, "a")], new() { ModelId = "sim:small", StopSequences = ["reply"] })).FinishReason);
    }

    [Fact]
    public async Task Stream_BegunReply_IsGoneOnWith()
    {
        await _sim.SetAsync(new { reply = "one two three four" });
        var response = await _client.Chat.GetResponseAsync([new(ChatRole.User, "a"), new(ChatRole.Assistant, "one two")], new() { ModelId = "sim:small" });
        Assert.Equal(" three four", response.Text);
    }

    [Fact]
    public async Task Stream_Tool_IsCalledAndItsResultAnswered()
    {
        var tool = AIFunctionFactory.CreateDeclaration("query_metrics", "Asks Prometheus.", System.Text.Json.JsonDocument.Parse("""{"type":"object","required":["query"]}""").RootElement);
        var options = new ChatOptions { ModelId = "sim:small", Tools = [tool] };
        var first = await _client.Chat.GetResponseAsync([new(ChatRole.User, "call query_metrics")], options);
        var call = first.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        Assert.Equal("query_metrics", call.Name);
        Assert.Equal("simulated", call.Arguments!["query"]!.ToString());
        var second = await _client.Chat.GetResponseAsync(
            [new(ChatRole.User, "call query_metrics"), .. first.Messages, new(ChatRole.Tool, [new FunctionResultContent(call.CallId, 42)])], options);
        Assert.StartsWith("*Simulated reply", second.Text);
    }

    [Fact]
    public async Task List_Models_AreMarkedSimulated()
    {
        var models = await _client.Clients.ListAsync(_sim.Endpoint);
        Assert.Equal(["sim:small", "sim:large", "sim:embed"], models.Select(model => model.Name));
        Assert.All(models, model => Assert.True(model.Simulated));
        Assert.Equal([true, true, false], models.Select(model => model.CanChat));
    }

    [Fact]
    public async Task Embed_Texts_AreOneVectorEach()
    {
        var vectors = await _client.Clients.Embeddings(_sim.Endpoint).GenerateAsync(["a", "b", "a"], new() { ModelId = "sim:embed" });
        Assert.Equal(3, vectors.Count);
        Assert.Equal(768, vectors[0].Vector.Length);
        Assert.Equal(vectors[0].Vector.ToArray(), vectors[2].Vector.ToArray());
        Assert.NotEqual(vectors[0].Vector.ToArray(), vectors[1].Vector.ToArray());
        Assert.True(vectors.Usage!.InputTokenCount > 0);
    }
}
