using System.Text.Json;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>The simulator's protocol, as the public Ollama client for Node.js understands it: somebody else's idea of it, not ours.</summary>
public sealed class NpmClientTests(NpmClientRun run) : IClassFixture<NpmClientRun>
{
    private JsonElement Seen => run.Seen;

    [Fact]
    public void List_Models_AreMarkedSimulated()
    {
        var models = Seen.GetProperty("list").GetProperty("models").EnumerateArray().ToList();
        Assert.Equal(["sim:small", "sim:large", "sim:embed"], models.Select(model => model.GetProperty("name").GetString()));
        Assert.All(models, model => Assert.Equal("simulated", model.GetProperty("details").GetProperty("family").GetString()));
        Assert.Equal("simulated", Seen.GetProperty("show").GetProperty("details").GetProperty("family").GetString());
        Assert.EndsWith("-sim", Seen.GetProperty("version").GetProperty("version").GetString());
    }

    [Fact]
    public void Chat_WholeAndStreamed_SayTheSame()
    {
        var whole = Seen.GetProperty("whole");
        var parts = Seen.GetProperty("parts").EnumerateArray().ToList();
        var text = whole.GetProperty("message").GetProperty("content").GetString()!;
        Assert.StartsWith("*Simulated reply of sim:small", text);
        Assert.Contains("Why is checkout slow?", text);
        Assert.Equal(text, string.Concat(parts.Select(part => part.GetProperty("message").GetProperty("content").GetString())));
        Assert.All(parts.SkipLast(1), part => Assert.False(part.GetProperty("done").GetBoolean()));
        Assert.Equal(parts.Count - 1, parts[^1].GetProperty("eval_count").GetInt32());
        Assert.Equal(whole.GetProperty("eval_count").GetInt32(), parts[^1].GetProperty("eval_count").GetInt32());
    }

    [Fact]
    public void Chat_LastLine_HasReasonCountsAndDurations()
    {
        var last = Seen.GetProperty("parts").EnumerateArray().Last();
        Assert.True(last.GetProperty("done").GetBoolean());
        Assert.Equal("stop", last.GetProperty("done_reason").GetString());
        Assert.True(last.GetProperty("prompt_eval_count").GetInt32() > 4);
        var total = last.GetProperty("total_duration").GetInt64();
        Assert.InRange(last.GetProperty("prompt_eval_duration").GetInt64() + last.GetProperty("eval_duration").GetInt64(), 1, total + 1000);
    }

    [Fact]
    public void Chat_NumPredict_EndsForLength()
    {
        var parts = Seen.GetProperty("short").EnumerateArray().ToList();
        Assert.Equal(4, parts.Count);
        Assert.Equal("length", parts[^1].GetProperty("done_reason").GetString());
        Assert.Equal(3, parts[^1].GetProperty("eval_count").GetInt32());
    }

    [Fact]
    public void Generate_Streamed_IsText()
    {
        Assert.StartsWith("*Simulated reply of sim:large", Seen.GetProperty("generated").GetString());
        Assert.True(Seen.GetProperty("generatedLast").GetProperty("done").GetBoolean());
    }

    [Fact]
    public void Embed_SimilarTexts_AreCloserThanOthers()
    {
        var vectors = Seen.GetProperty("embed").GetProperty("embeddings").EnumerateArray().Select(vector => vector.EnumerateArray().Select(value => value.GetDouble()).ToArray()).ToList();
        Assert.All(vectors, vector => Assert.Equal(768, vector.Length));
        Assert.True(Dot(vectors[0], vectors[1]) > Dot(vectors[0], vectors[2]) + 0.2);
        Assert.Equal(vectors[0], Seen.GetProperty("embedding").GetProperty("embedding").EnumerateArray().Select(value => value.GetDouble()));
        static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
    }

    [Fact]
    public void Chat_ToolOffered_IsCalledAndThenAnswered()
    {
        var call = Seen.GetProperty("tool").GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("query_metrics", call.GetProperty("name").GetString());
        Assert.Equal("simulated", call.GetProperty("arguments").GetProperty("query").GetString());
        Assert.StartsWith("*Simulated reply", Seen.GetProperty("afterTool").GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public void Chat_UnknownModel_IsOllamasError()
    {
        var missing = Seen.GetProperty("missing");
        Assert.Equal(404, missing.GetProperty("status").GetInt32());
        Assert.Equal("model \"nobody:1b\" not found, try pulling it first", missing.GetProperty("message").GetString());
    }

    [Fact]
    public void Ps_AfterUse_ListsWhatIsLoaded() => Assert.Equal(
        ["sim:embed", "sim:large", "sim:small"],
        Seen.GetProperty("ps").GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString()).Order());

    [Fact]
    public void Abort_MidStream_ReachesTheServer()
    {
        Assert.Equal("AbortError", Seen.GetProperty("aborted").GetProperty("name").GetString());
        Assert.Equal("This one is left early.", run.Last.Prompt);
        Assert.Equal("cancelled", run.Last.Outcome);
    }
}

/// <summary>One run of <c>npm/client.mjs</c> against a simulator.</summary>
public sealed class NpmClientRun : IAsyncLifetime
{
    public JsonElement Seen { get; private set; }

    public SimSeen Last { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Models.Tests", "npm");
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
            await RunAsync(folder, "npm", ["ci", "--no-progress"]);

        await using var sim = await SimUnderTest.StartAsync();
        await sim.SetAsync(new { tokensPerSecond = 200 });
        var lines = await RunAsync(folder, "node", ["client.mjs", sim.Endpoint]);
        Seen = JsonDocument.Parse(lines.Last(line => line.StartsWith('{'))).RootElement;
        Last = await sim.LastEndedAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<IReadOnlyList<string>> RunAsync(string folder, string program, string[] arguments)
    {
        await using var process = ProcessUnderTest.Start(program, arguments, workingDirectory: folder);
        var exitCode = await process.WaitForExitAsync($"{program} {arguments[0]}", TimeSpan.FromMinutes(2));
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} returned {exitCode}:\n{string.Join('\n', process.Lines)}");
        return process.Lines;
    }
}
