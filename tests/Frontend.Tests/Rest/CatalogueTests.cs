using System.Net;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Rest;

/// <summary>Services, bots, models and sessions over REST.</summary>
public sealed class CatalogueTests(SharedWarroom shared)
{
    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Services_PutGetListDelete_CountOpenIncidents()
    {
        var name = $"svc-{Guid.NewGuid():N}"[..16];
        var other = $"svc-{Guid.NewGuid():N}"[..16];
        (await Http.AskAsync(HttpMethod.Put, $"api/services/{other}", new { owner = "Platform", depends_on = new[] { "orders-db" } })).Is(HttpStatusCode.OK);
        var put = (await Http.AskAsync(HttpMethod.Put, $"api/services/{name}", new { description = "What it is", owner = "Payments", depends_on = new[] { other }, health = "degraded" })).Is(HttpStatusCode.OK);
        Assert.Equal((0, "degraded"), (put.GetProperty("open_incidents").GetInt32(), put.GetProperty("health").GetString()));
        var incident = await Http.OpenIncidentAsync(service: name);

        var entry = (await Http.GetAnswerAsync($"api/services/{name}")).Is(HttpStatusCode.OK);
        Assert.Equal(("What it is", "Payments", "degraded", 1), (entry.GetProperty("description").GetString(), entry.GetProperty("owner").GetString(), entry.GetProperty("health").GetString(), entry.GetProperty("open_incidents").GetInt32()));
        Assert.Equal(other, entry.GetProperty("depends_on")[0].GetString());
        Assert.EndsWith("Z", entry.GetProperty("created_at").GetString());
        Assert.Contains((await Http.GetAnswerAsync("api/services")).Is(HttpStatusCode.OK).EnumerateArray(), service => service.GetProperty("name").GetString() == name && service.GetProperty("open_incidents").GetInt32() == 1);

        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{incident}", new { status = "resolved" })).Is(HttpStatusCode.OK);
        Assert.Equal(0, (await Http.GetAnswerAsync($"api/services/{name}")).Is(HttpStatusCode.OK).GetProperty("open_incidents").GetInt32());
        (await Http.AskAsync(HttpMethod.Put, $"api/services/{other}", new { depends_on = new[] { name } })).Refused(HttpStatusCode.Conflict, "service.depends_on_itself");
        Assert.Equal(
            "health must be one of unknown, healthy, degraded, down.",
            (await Http.AskAsync(HttpMethod.Put, $"api/services/{name}", new { health = "sick" })).Refused(HttpStatusCode.BadRequest, "request.bad_value"));
        (await Http.AskAsync(HttpMethod.Put, "api/services/Not%20A%20Name", new { owner = "x" })).Refused(HttpStatusCode.BadRequest, "service.bad_name");
        Assert.Equal(HttpStatusCode.NoContent, (await Http.AskAsync(HttpMethod.Delete, $"api/services/{name}", null)).Status);
        (await Http.GetAnswerAsync($"api/services/{name}")).Refused(HttpStatusCode.NotFound, "service.not_found");
    }

    [Fact]
    public async Task Bots_LaunchListChange_AnswerTheBot()
    {
        var key = Guid.CreateVersion7().ToString();
        var launched = await Http.PostAnswerAsync("api/bots", new { name = "Sherlock", persona = "Brief." }, ("Idempotency-Key", key));
        var id = launched.Is(HttpStatusCode.Created).GetProperty("id").GetString()!;
        Assert.Matches("^BOT-[0-9]{3,}$", id);
        Assert.Equal($"/api/bots/{id}", launched.Header("Location"));
        Assert.Equal(id, (await Http.PostAnswerAsync("api/bots", new { name = "Sherlock", persona = "Brief." }, ("Idempotency-Key", key))).Json.GetProperty("id").GetString());
        Assert.Contains((await Http.GetAnswerAsync("api/bots")).Is(HttpStatusCode.OK).EnumerateArray(), bot => bot.GetProperty("id").GetString() == id);

        var changed = (await Http.AskAsync(HttpMethod.Patch, $"api/bots/{id}", new { name = "Watson", status = "stopped" })).Is(HttpStatusCode.OK);
        Assert.Equal(("Watson", "Brief.", "stopped"), (changed.GetProperty("name").GetString(), changed.GetProperty("persona").GetString(), changed.GetProperty("status").GetString()));
        Assert.Equal("Watson", (await Http.GetAnswerAsync($"api/bots/{id}")).Is(HttpStatusCode.OK).GetProperty("name").GetString());

        Assert.Equal("Name is required", (await Http.PostAnswerAsync("api/bots", "{}")).Refused(HttpStatusCode.BadRequest, "bot.name_required"));
        (await Http.PostAnswerAsync("api/bots", new { name = new string('x', 81) })).Refused(HttpStatusCode.RequestEntityTooLarge, "bot.too_long");
        (await Http.AskAsync(HttpMethod.Patch, $"api/bots/{id}", new { status = "asleep" })).Refused(HttpStatusCode.BadRequest, "request.bad_value");
        (await Http.GetAnswerAsync("api/bots/BOT-999")).Refused(HttpStatusCode.NotFound, "bot.not_found");
        (await Http.AskAsync(HttpMethod.Patch, "api/bots/BOT-999", new { name = "x" })).Refused(HttpStatusCode.NotFound, "bot.not_found");
    }

    [Fact]
    public async Task Commands_BadIdempotencyKey_AreRefused()
    {
        var bot = (await Http.PostAnswerAsync("api/bots", new { name = "Keyed" })).Is(HttpStatusCode.Created).GetProperty("id").GetString()!;
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])[(HttpMethod.Patch, $"api/bots/{bot}", new { name = "x" }), (HttpMethod.Put, "api/services/keyed", new { owner = "x" }), (HttpMethod.Delete, "api/services/keyed", null)])
        {
            (await Http.AskAsync(method, path, body, ("Idempotency-Key", "7"))).Refused(HttpStatusCode.BadRequest, "request.bad_idempotency_key");
        }
    }

    [Fact]
    public async Task Models_SimulatedEndpoint_SaysSo()
    {
        var endpoint = (await Http.GetAnswerAsync("api/models")).Is(HttpStatusCode.OK).GetProperty("endpoints")[0];
        Assert.True(endpoint.GetProperty("healthy").GetBoolean());
        Assert.Equal("closed", endpoint.GetProperty("circuit").GetString());
        Assert.All(endpoint.GetProperty("models").EnumerateArray(), model => Assert.True(model.GetProperty("simulated").GetBoolean()));
        Assert.Contains(endpoint.GetProperty("models").EnumerateArray(), model => model.GetProperty("name").GetString() == "sim:small");
        var about = (await Http.GetAnswerAsync("api/about")).Is(HttpStatusCode.OK);
        Assert.True(about.GetProperty("simulated_models").GetBoolean());
        Assert.False(about.GetProperty("sample_services").GetBoolean());
        Assert.NotEmpty(about.GetProperty("version").GetString()!);
    }

    [Fact]
    public async Task Sessions_StartSendRead_KeepTheHistory()
    {
        var bot = (await Http.PostAnswerAsync("api/bots", new { name = "Helper" })).Is(HttpStatusCode.Created).GetProperty("id").GetString();
        var key = Guid.CreateVersion7().ToString();
        var started = await Http.PostAnswerAsync("api/sessions", new { bot_id = bot, title = "Talk" }, ("Idempotency-Key", key));
        var id = started.Is(HttpStatusCode.Created).GetProperty("id").GetGuid();
        Assert.Equal($"/api/sessions/{id}", started.Header("Location"));
        (await Http.PostAnswerAsync("api/sessions", new { bot_id = bot, title = "Talk" }, ("Idempotency-Key", key))).Is(HttpStatusCode.OK);
        var sent = (await Http.PostAnswerAsync($"api/sessions/{id}/messages", new { text = "What is wrong?" })).Is(HttpStatusCode.Accepted);
        Assert.True(sent.GetProperty("seq").GetInt64() >= 2);

        await Testing.Eventually.HoldsAsync("the reply to be complete", async () =>
            (await Http.GetAnswerAsync($"api/sessions/{id}/messages")).Is(HttpStatusCode.OK).GetProperty("messages") is { } messages
            && messages.GetArrayLength() == 2 && messages[1].GetProperty("status").GetString() == "complete");
        var page = (await Http.GetAnswerAsync($"api/sessions/{id}/messages?limit=1")).Is(HttpStatusCode.OK);
        Assert.Equal("assistant", page.GetProperty("messages")[0].GetProperty("role").GetString());
        Assert.True(page.GetProperty("more").GetBoolean());
        var before = page.GetProperty("messages")[0].GetProperty("seq").GetInt64();
        Assert.Equal("What is wrong?", (await Http.GetAnswerAsync($"api/sessions/{id}/messages?before={before}")).Is(HttpStatusCode.OK).GetProperty("messages")[0].GetProperty("text").GetString());

        var list = await Http.GetAnswerAsync($"api/sessions?bot={bot}");
        Assert.Equal(id, list.Is(HttpStatusCode.OK)[0].GetProperty("id").GetGuid());
        Assert.Equal("1", list.Header("X-Total-Count"));
        Assert.Equal("Talk", (await Http.GetAnswerAsync($"api/sessions/{id}")).Is(HttpStatusCode.OK).GetProperty("title").GetString());
        (await Http.PostAnswerAsync($"api/sessions/{id}/stop", null)).Refused(HttpStatusCode.Conflict, "session.nothing_to_stop");
        (await Http.PostAnswerAsync($"api/sessions/{id}/continue", null)).Refused(HttpStatusCode.Conflict, "session.nothing_to_continue");
        (await Http.PostAnswerAsync($"api/sessions/{id}/regenerate", null)).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Sessions_BadRequests_AreRefused()
    {
        var unknown = Guid.NewGuid();
        (await Http.PostAnswerAsync("api/sessions", "{}")).Refused(HttpStatusCode.BadRequest, "session.bot_required");
        (await Http.PostAnswerAsync("api/sessions", new { bot_id = "BOT-999" })).Refused(HttpStatusCode.NotFound, "bot.not_found");
        (await Http.GetAnswerAsync($"api/sessions/{unknown}")).Refused(HttpStatusCode.NotFound, "session.not_found");
        (await Http.GetAnswerAsync($"api/sessions/{unknown}/messages")).Refused(HttpStatusCode.NotFound, "session.not_found");
        (await Http.GetAnswerAsync($"api/sessions/{unknown}/messages?before=0")).Refused(HttpStatusCode.BadRequest, "request.bad_before");
        (await Http.GetAnswerAsync("api/sessions?limit=-1")).Refused(HttpStatusCode.BadRequest, "request.bad_limit");
        (await Http.PostAnswerAsync($"api/sessions/{unknown}/messages", "{}")).Refused(HttpStatusCode.BadRequest, "session.text_required");
        foreach (var command in (string[])["stop", "regenerate", "continue"])
        {
            (await Http.PostAnswerAsync($"api/sessions/{unknown}/{command}", null)).Refused(HttpStatusCode.NotFound, "session.not_found");
        }

        var session = await Http.StartSessionAsync();
        Assert.Equal("Text is required", (await Http.PostAnswerAsync($"api/sessions/{session}/messages", new { text = " " })).Refused(HttpStatusCode.BadRequest, "session.text_required"));
        (await Http.PostAnswerAsync($"api/sessions/{session}/messages", new { text = new string('x', 32_001) })).Refused(HttpStatusCode.RequestEntityTooLarge, "session.too_long");
        (await Http.PostAnswerAsync($"api/sessions/{session}/regenerate", null)).Refused(HttpStatusCode.Conflict, "session.nothing_to_regenerate");
    }
}
