using System.Net.Http;
using System.Text;
using System.Text.Json;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Incidents;

public sealed class IncidentApiTests(FrontendApp app)
{
    [Fact]
    public async Task Post_CompleteBody_CreatesAndAnswersWithTheWholeIncident()
    {
        var (status, body, response) = await app.SendAsync(
            HttpMethod.Post, "/api/incidents", new { title = "High error rate", description = "20 %", severity = "critical", service = "api-gateway" });

        Assert.Equal(201, status);
        Assert.Equal("open", body.GetProperty("status").GetString());
        Assert.Equal("critical", body.GetProperty("severity").GetString());
        Assert.Equal("api-gateway", body.GetProperty("service").GetString());
        Assert.Equal(7, body.GetProperty("id").GetGuid().Version);
        Assert.EndsWith($"/api/incidents/{body.GetProperty("id").GetGuid()}", response.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.False(body.TryGetProperty("resolved_at", out _));
    }

    [Fact]
    public async Task Post_SameIdempotencyKey_IsOneIncident()
    {
        var operation = Guid.NewGuid();
        var (first, created, _) = await app.SendAsync(HttpMethod.Post, "/api/incidents", new { title = "Once" }, operation);
        var (second, repeated, _) = await app.SendAsync(HttpMethod.Post, "/api/incidents", new { title = "Once" }, operation);

        Assert.Equal((201, 200), (first, second));
        Assert.Equal(created.GetProperty("id").GetGuid(), repeated.GetProperty("id").GetGuid());
    }

    [Theory]
    [InlineData("""{"description":"no title"}""", "Title is required")]
    [InlineData("""{"title":"  "}""", "Title is required")]
    [InlineData("""{"title":"x","severity":"apocalyptic"}""", "severity must be one of critical, high, medium, low.")]
    [InlineData("""{"title":"x","started_at":"yesterday"}""", "started_at must be a time such as 2026-11-20T12:00:00Z.")]
    [InlineData("""{"title":5}""", "title must be a text.")]
    [InlineData("""{"title":"x" """, "not well-formed JSON")]
    [InlineData("", "body")]
    public async Task Post_BadBody_Is400WithASentence(string body, string sentence)
    {
        var before = await CountAsync();
        var (status, problem, response) = await app.SendAsync(HttpMethod.Post, "/api/incidents", body);

        Assert.Equal(400, status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(sentence, problem.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(problem.GetProperty("error").GetString(), problem.GetProperty("detail").GetString());
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("trace_id").GetString()!);
        Assert.StartsWith("https://warroom.dev/problems/", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.True(await CountAsync() >= before);
    }

    [Theory]
    [InlineData("/api/incidents?limit=-1")]
    [InlineData("/api/incidents?limit=0")]
    [InlineData("/api/incidents?limit=201")]
    [InlineData("/api/incidents?limit=many")]
    [InlineData("/api/incidents?offset=-5")]
    [InlineData("/api/incidents?severity=apocalyptic")]
    [InlineData("/api/incidents?status=closed")]
    public async Task List_BadQuery_Is400(string path)
    {
        var (status, problem, _) = await app.SendAsync(HttpMethod.Get, path);

        Assert.Equal(400, status);
        Assert.NotEmpty(problem.GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task Get_UnknownId_Is404()
    {
        var id = Guid.CreateVersion7();
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, $"/api/incidents/{id}", null),
            (HttpMethod.Patch, $"/api/incidents/{id}", new { title = "x" }),
            (HttpMethod.Get, $"/api/incidents/{id}/timeline", null),
            (HttpMethod.Post, $"/api/incidents/{id}/timeline", new { text = "x" }),
            (HttpMethod.Get, $"/api/sessions/{id}", null),
            (HttpMethod.Get, $"/api/sessions/{id}/messages", null),
            (HttpMethod.Get, "/api/services/no-such-service", null),
            (HttpMethod.Get, "/api/bots/BOT-999", null),
            (HttpMethod.Patch, "/api/bots/BOT-999", new { name = "x" }),
            (HttpMethod.Get, "/api/no-such-thing", null),
        })
        {
            var (status, problem, _) = await app.SendAsync(method, path, body);
            Assert.True(status == 404, $"{method} {path}: {status} {problem}");
            Assert.NotEmpty(problem.GetProperty("code").GetString()!);
        }
    }

    [Fact]
    public async Task Post_BodyOf10MB_Is413()
    {
        var (status, problem, _) = await app.SendAsync(HttpMethod.Post, "/api/incidents", JsonSerializer.Serialize(new { title = new string('x', 10_000_000) }));

        Assert.Equal(413, status);
        Assert.Equal("request.too_large", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Post_NotJson_Is415()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/incidents") { Content = new StringContent("title=x", Encoding.UTF8, "application/x-www-form-urlencoded") };
        var (status, problem, _) = await app.SendAsync(request);

        Assert.Equal(415, status);
        Assert.Contains("application/json", problem.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_ResolveReopenAndIllegalStatus_FollowTheRules()
    {
        var id = await app.OpenIncidentAsync();
        var (resolved, body, _) = await app.SendAsync(HttpMethod.Patch, $"/api/incidents/{id}", new { status = "resolved", reason = "fixed" });
        var (illegal, problem, _) = await app.SendAsync(HttpMethod.Patch, $"/api/incidents/{id}", new { status = "monitoring" });
        var (stale, _, _) = await app.SendAsync(HttpMethod.Patch, $"/api/incidents/{id}", new { title = "x", expected_version = 1 });

        Assert.Equal(200, resolved);
        Assert.NotEqual(default, body.GetProperty("resolved_at").GetDateTimeOffset());
        Assert.Equal(409, illegal);
        Assert.Equal("incident.illegal_transition", problem.GetProperty("code").GetString());
        Assert.Equal(409, stale);
    }

    [Fact]
    public async Task Timeline_PostsAndPages_AreGapFree()
    {
        var id = await app.OpenIncidentAsync();
        var operation = Guid.CreateVersion7();
        var seq = await app.PostAsync(id, "first", operation);
        Assert.Equal(seq, await app.PostAsync(id, "first", operation));
        await app.PostAsync(id, "second");

        var (_, page, _) = await app.SendAsync(HttpMethod.Get, $"/api/incidents/{id}/timeline?after=1&limit=1");
        var (_, all, _) = await app.SendAsync(HttpMethod.Get, $"/api/incidents/{id}/timeline");

        Assert.Equal([2L], page.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64()));
        Assert.True(page.GetProperty("more").GetBoolean());
        Assert.Equal([1L, 2L, 3L], all.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64()));
        Assert.False(all.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task List_Filters_FindOnlyWhatFits()
    {
        var service = $"svc-{Guid.NewGuid():N}"[..20];
        var open = await app.OpenIncidentAsync("one", service);
        var over = await app.OpenIncidentAsync("two", service);
        await app.SendAsync(HttpMethod.Patch, $"/api/incidents/{over}", new { status = "resolved" });

        var (_, active, response) = await app.SendAsync(HttpMethod.Get, $"/api/incidents/active?service={service}");
        var (_, resolved, _) = await app.SendAsync(HttpMethod.Get, $"/api/incidents?service={service}&status=resolved&severity=high,low");

        Assert.Equal([open], active.EnumerateArray().Select(one => one.GetProperty("id").GetGuid()));
        Assert.Equal("1", response.Headers.GetValues("X-Total-Count").Single());
        Assert.Equal([over], resolved.EnumerateArray().Select(one => one.GetProperty("id").GetGuid()));
    }

    [Fact]
    public void EntityId_OfAnyOperation_IsAStableVersion7()
    {
        var seven = Guid.CreateVersion7();
        var four = Guid.NewGuid();

        Assert.Equal(seven, EntityId.From(seven));
        Assert.Equal(EntityId.From(four), EntityId.From(four));
        Assert.Equal(7, EntityId.From(four).Version);
        Assert.NotEqual(EntityId.From(four), EntityId.From(Guid.NewGuid()));
    }

    private async Task<int> CountAsync()
    {
        var (_, _, response) = await app.SendAsync(HttpMethod.Get, "/api/incidents?limit=1");
        return int.Parse(response.Headers.GetValues("X-Total-Count").Single());
    }
}
