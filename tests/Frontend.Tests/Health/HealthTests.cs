using System.Net.Http;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Health;

public sealed class HealthTests(FrontendApp app)
{
    [Fact]
    public async Task All_is_well_when_everything_answers()
    {
        foreach (var path in new[] { "/health", "/live", "/ready", "/startup", "/health/db", "/health/ollama", "/api/health", "/openapi/v1.json", "/api/about", "/api/models" })
        {
            var (status, body, _) = await app.SendAsync(HttpMethod.Get, path);
            Assert.True(status == 200, $"{path}: {status} {body}");
        }

        var (_, health, _) = await app.SendAsync(HttpMethod.Get, "/health");
        var (_, live, _) = await app.SendAsync(HttpMethod.Get, "/live");
        var (_, ready, _) = await app.SendAsync(HttpMethod.Get, "/ready");
        var (_, models, _) = await app.SendAsync(HttpMethod.Get, "/api/models");
        Assert.Equal("closed", models.GetProperty("endpoints")[0].GetProperty("circuit").GetString());
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.True(live.GetProperty("alive").GetBoolean());
        Assert.Equal(["database", "silo", "ollama"], ready.GetProperty("dependencies").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Services_are_registered_changed_and_removed()
    {
        var name = $"svc-{Guid.NewGuid():N}"[..20];
        var (put, entry, _) = await app.SendAsync(HttpMethod.Put, $"/api/services/{name}", new { owner = "Payments", health = "degraded", depends_on = new[] { "orders-db" } });
        await app.OpenIncidentAsync("x", name);
        var (_, found, _) = await app.SendAsync(HttpMethod.Get, $"/api/services/{name}");
        var (bad, problem, _) = await app.SendAsync(HttpMethod.Put, $"/api/services/{name}", new { health = "poorly" });
        var (removed, _, _) = await app.SendAsync(HttpMethod.Delete, $"/api/services/{name}");
        var (gone, _, _) = await app.SendAsync(HttpMethod.Get, $"/api/services/{name}");

        Assert.Equal((200, 204, 404), (put, removed, gone));
        Assert.Equal("degraded", entry.GetProperty("health").GetString());
        Assert.Equal(1, found.GetProperty("open_incidents").GetInt32());
        Assert.Equal((400, "health must be one of unknown, healthy, degraded, down."), (bad, problem.GetProperty("error").GetString()));
    }
}
