using System.Net.Http.Json;
using System.Text.Json;

using Warroom.Faults.Harness;
using Warroom.Faults.History;
using Warroom.Faults.Workload;
using Warroom.Testing;

namespace Warroom.Faults.Rows;

/// <summary>Sessions with a bot whose replies are on their way, each with a page that looks at it from the first front end.</summary>
internal sealed class Chats : IAsyncDisposable
{
    private static readonly string Reply = string.Concat(Enumerable.Range(1, 400).Select(word => $"word{word} "));
    private readonly CancellationTokenSource _looking = new();
    private readonly List<ChatViewer> _viewers = [];
    private readonly FaultRun _run;
    private Task _running = Task.CompletedTask;

    private Chats(FaultRun run) => _run = run;

    public IReadOnlyList<ChatViewer> Viewers => _viewers;

    /// <summary>Begins replies of about fifteen seconds, and returns when every page shows some of its own.</summary>
    public static async Task<Chats> StartAsync(FaultRun run, int sessions)
    {
        var chats = new Chats(run);
        var addresses = run.Topology.FrontEnds.Select(frontEnd => frontEnd.Address).ToList();
        using var http = new HttpClient { BaseAddress = addresses[1] };
        (await run.Topology.Model.Http.PostAsJsonAsync("sim/knobs", new { reply = Reply, tokensPerSecond = 30, firstTokenDelayMs = 0 })).EnsureSuccessStatusCode();
        var random = new Random(run.Workload.Seed);
        var tasks = new List<Task>();
        for (var number = 1; number <= sessions; number++)
        {
            var bot = await PostAsync(http, "api/bots", new { name = $"Bot {number}" });
            var session = (await PostAsync(http, "api/sessions", new { bot_id = bot.GetProperty("id").GetString() })).GetProperty("id").GetGuid();
            var viewer = new ChatViewer($"reader{number}", session, addresses, run.History, new Random(random.Next()));
            chats._viewers.Add(viewer);
            tasks.Add(Task.Run(() => viewer.RunAsync(chats._looking.Token)));
            await Eventually.HoldsAsync($"{number} pages to be there", () => viewer.IsJoined);
            await PostAsync(http, $"api/sessions/{session}/messages", new { text = "What is wrong?" });
        }

        chats._running = Task.WhenAll(tasks);
        await Eventually.HoldsAsync("every page to show some of its reply", () => chats._viewers.TrueForAll(viewer => viewer.Shown > 20));
        return chats;
    }

    /// <summary>Waits until every page saw the end of its reply.</summary>
    public Task EndedAsync() => Eventually.HoldsAsync("every reply to end", () => _viewers.TrueForAll(viewer => viewer.Ended > 0), TimeSpan.FromMinutes(1));

    /// <summary>How the replies ended, as stored.</summary>
    public async Task<IReadOnlyList<RunEnd?>> EndsAsync() => [.. (await FinalRead.ReadAsync(_run.Topology.DirectConnection)).Runs.Select(run => run.End)];

    /// <summary>Whether every page shows all that is stored of its reply.</summary>
    public async Task<bool> AllWholeAsync()
    {
        var stored = (await FinalRead.ReadAsync(_run.Topology.DirectConnection)).Runs.ToDictionary(run => run.Run, run => run.Text.Length);
        var shown = _run.History.Records().OfType<Token>().GroupBy(token => token.Run).ToDictionary(group => group.Key, group => group.Max(token => token.Offset + token.Text.Length));
        return stored.Count == _viewers.Count && stored.All(run => shown.GetValueOrDefault(run.Key) == run.Value);
    }

    /// <summary>How many pages show less of their reply than it has.</summary>
    public static int NotWhole(IReadOnlyList<HistoryRecord> history) =>
        history.OfType<Token>().GroupBy(token => token.Viewer).Count(shown => shown.Max(token => token.Offset + token.Text.Length) < Reply.TrimEnd().Length);

    public async ValueTask DisposeAsync()
    {
        await _looking.CancelAsync();
        await Task.WhenAny(_running, Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System));
        _looking.Dispose();
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new HttpRequestException($"{path} answered {(int)response.StatusCode}: {text}");
    }
}
