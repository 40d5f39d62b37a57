using System.Net;
using Warroom.Frontend.Tests.Support;
using Warroom.Simulation;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Operations;

/// <summary>What Warroom needs goes away and comes back.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Database_that_is_killed_is_reported_and_nothing_acknowledged_is_lost()
    {
        await using var server = await PostgresServer.StartPrivateAsync();
        var database = await server.CreateDatabaseAsync();
        await using var warroom = await WarroomUnderTest.StartAsync(
            database.ConnectionString, ("Postgres:WriteRetrySeconds", "2"), ("Postgres:ReadRetrySeconds", "1"), ("Postgres:ConnectTimeoutSeconds", "2"));
        warroom.ErrorsAreExpected = true;
        var id = await warroom.Http.OpenIncidentAsync();
        await using var viewer = await TimelineViewer.WatchAsync(warroom.Address, id);
        await using var idle = await warroom.ConnectAsync("warroom");
        await idle.InvokeAsync("WatchIncidents");
        await TellsAsync(idle, """{"away":[]}""");
        await warroom.Http.PostEntryAsync(id, "before");
        var key = Guid.CreateVersion7().ToString();

        await server.KillAsync();
        await Eventually.HoldsAsync("/ready to say that it is down", async () => (await warroom.Http.GetAnswerAsync("ready")).Status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await warroom.Http.GetAnswerAsync("health/db")).Status);
        Assert.Equal("down", (await warroom.Http.GetAnswerAsync("ready")).Json.GetProperty("status").GetString());
        (await warroom.Http.GetAnswerAsync("live")).Is(HttpStatusCode.OK);
        (await warroom.Http.GetAnswerAsync("health")).Is(HttpStatusCode.OK);
        var read = await warroom.Http.GetAnswerAsync("api/incidents");
        read.Refused(HttpStatusCode.ServiceUnavailable, "database.unavailable");
        Assert.NotNull(read.Header("Retry-After"));

        // A command is refused, or its outcome is unknown; never is it said to have succeeded.
        var command = await warroom.Http.PostAnswerAsync($"api/incidents/{id}/timeline", new { text = "during" }, ("Idempotency-Key", key));
        Assert.True(command.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout, command.Text);
        Assert.NotNull(command.Header("Retry-After"));
        if (command.Status == HttpStatusCode.GatewayTimeout)
        {
            Assert.Equal(key, command.Json.GetProperty("operation_id").GetString());
        }

        // Who only looks is told, and who comes now as well.
        await TellsAsync(idle, """{"away":["database"],"away_ms":""");
        await using (var late = await warroom.ConnectAsync("warroom"))
        {
            await late.InvokeAsync("WatchIncidents");
            await TellsAsync(late, """{"away":["database"],"away_ms":""");
        }

        await server.StartAgainAsync();
        await TellsAsync(idle, """{"away":[]}""");
        await Eventually.HoldsAsync("/ready to say that it is up", async () => (await warroom.Http.GetAnswerAsync("ready")).Status == HttpStatusCode.OK);
        Answer? again = null;
        await Eventually.HoldsAsync("the same command to be taken", async () => (again = await warroom.Http.PostAnswerAsync($"api/incidents/{id}/timeline", new { text = "during" }, ("Idempotency-Key", key))).Status == HttpStatusCode.Created);
        Assert.Equal(3, again!.Json.GetProperty("seq").GetInt64());
        await viewer.HasAsync(3);
        Assert.Equal([1, 2, 3], viewer.Events.Select(logged => logged.Seq));

        // Some rounds of comparing failed; the log has one line of it, and one of the end.
        await Eventually.HoldsAsync("feeds to be compared again", () => warroom.Logged(4141) == 1);
        Assert.Equal(1, warroom.Logged(4140));
    }

    /// <summary>The next that it says of what it needs begins like this.</summary>
    private static async Task TellsAsync(HubClient hub, string beginning) =>
        Assert.StartsWith(beginning, (await hub.NextAsync("what the front end says of what it needs", message => message.Target == "Standing")).Argument.GetRawText(), StringComparison.Ordinal);

    [Fact]
    public async Task Ollama_that_is_not_there_degrades_only_chat_and_is_used_when_it_comes()
    {
        var ollama = WarroomUnderTest.UnusedEndpoint();
        await using var database = await TestDatabase.CreateAsync();
        await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString, ("Ollama:Endpoints:0", ollama));
        var report = (await warroom.Http.GetAnswerAsync("ready")).Is(HttpStatusCode.OK);
        Assert.Equal("degraded", report.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await warroom.Http.GetAnswerAsync("health/ollama")).Status);
        var endpoint = (await warroom.Http.GetAnswerAsync("api/models")).Is(HttpStatusCode.OK).GetProperty("endpoints")[0];
        Assert.False(endpoint.GetProperty("healthy").GetBoolean());
        Assert.NotEmpty(endpoint.GetProperty("error").GetString()!);
        Assert.False((await warroom.Http.GetAnswerAsync("api/about")).Is(HttpStatusCode.OK).GetProperty("simulated_models").GetBoolean());

        var session = await warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(warroom, session);
        await viewer.CommandAsync("Send", "Anybody there?");
        var failed = await viewer.EndAsync();
        Assert.Equal("failed", failed.Status);
        Assert.StartsWith("Ollama temporarily unavailable", failed.Error, StringComparison.Ordinal);
        await warroom.Http.OpenIncidentAsync();

        await using var sim = await SimServer.StartAsync(["--urls", ollama, "--Sim:TokensPerSecond", "0", "--Sim:FirstTokenDelayMs", "0"], TimeProvider.System);
        await Eventually.HoldsAsync("/ready to say that it is there", async () => (await warroom.Http.GetAnswerAsync("ready")).Is(HttpStatusCode.OK).GetProperty("status").GetString() == "ok");
        await viewer.CommandAsync("Regenerate");
        var answered = await viewer.EndAsync(2);
        Assert.Equal("complete", answered.Status);
        Assert.Equal(answered.Text, answered.Seen);
    }
}
