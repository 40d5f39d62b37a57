using System.Net;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Operations;

public sealed class HealthTests(SharedWarroom shared)
{
    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Health_EverythingUp_IsOk()
    {
        Assert.Equal("""{"status":"ok"}""", (await Http.GetAnswerAsync("health")).Text);
        Assert.Equal("""{"alive":true}""", (await Http.GetAnswerAsync("live")).Text);
        Assert.Equal("ok", (await Http.GetAnswerAsync("startup")).Is(HttpStatusCode.OK).GetProperty("status").GetString());
        Assert.Equal(("database", "ok"), NameAndStatus((await Http.GetAnswerAsync("health/db")).Is(HttpStatusCode.OK)));
        Assert.Equal(("ollama", "ok"), NameAndStatus((await Http.GetAnswerAsync("health/ollama")).Is(HttpStatusCode.OK)));
        foreach (var path in (string[])["ready", "api/health"])
        {
            var report = (await Http.GetAnswerAsync(path)).Is(HttpStatusCode.OK);
            Assert.Equal("ok", report.GetProperty("status").GetString());
            Assert.Equal(["database", "silo", "ollama"], report.GetProperty("dependencies").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        }
    }

    [Fact]
    public async Task OpenApi_Document_DescribesTheRoutes()
    {
        var paths = (await Http.GetAnswerAsync("openapi/v1.json")).Is(HttpStatusCode.OK).GetProperty("paths");
        foreach (var path in (string[])["/api/incidents", "/api/incidents/{id}", "/api/incidents/{id}/timeline", "/api/webhooks/alertmanager", "/api/sessions/{id}/messages"])
        {
            Assert.True(paths.TryGetProperty(path, out _), $"{path} is not described.");
        }
    }

    private static (string?, string?) NameAndStatus(System.Text.Json.JsonElement health) => (health.GetProperty("name").GetString(), health.GetProperty("status").GetString());
}
