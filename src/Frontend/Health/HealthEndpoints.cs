using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Health;

/// <summary>Health for probes, operators and the page. Open to all, exempt from rate limits.</summary>
internal static class HealthEndpoints
{
    public static void AddHealth(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Dependencies>();

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("").WithTags("health");
        health.MapGet("/health", () => TypedResults.Ok(new StatusOnly { Status = "ok" })).WithSummary("Whether the process answers.");
        health.MapGet("/live", () => TypedResults.Ok(new Liveness { Alive = true })).WithSummary("Whether the process should go on living.");
        health.MapGet("/ready", (Dependencies dependencies, IHostApplicationLifetime lifetime) => ReportAsync(dependencies, lifetime)).WithSummary("Whether it can do its work, with each dependency.");
        health.MapGet("/api/health", (Dependencies dependencies, IHostApplicationLifetime lifetime) => ReportAsync(dependencies, lifetime)).WithSummary("The same as /ready.");
        health.MapGet("/startup", (IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.IsCancellationRequested
            ? Answer(new StatusOnly { Status = "ok" }, isWell: true)
            : Answer(new StatusOnly { Status = "starting" }, isWell: false)).WithSummary("Whether it has started.");
        health.MapGet("/health/db", async (Dependencies dependencies) => Answer(await dependencies.DatabaseAsync())).WithSummary("PostgreSQL.");
        health.MapGet("/health/ollama", async (Dependencies dependencies) => Answer(await dependencies.OllamaAsync())).WithSummary("Ollama.");
    }

    private static async Task<JsonHttpResult<HealthReport>> ReportAsync(Dependencies dependencies, IHostApplicationLifetime lifetime)
    {
        var report = await dependencies.ReportAsync();

        // While it stops, nothing new should come: the balancer looks elsewhere before the connections end.
        var stops = lifetime.ApplicationStopping.IsCancellationRequested;
        return Answer(stops ? report with { Status = "down" } : report, report.Status != "down" && !stops);
    }

    private static JsonHttpResult<DependencyHealth> Answer(DependencyHealth dependency) => Answer(dependency, dependency.Status == "ok");

    private static JsonHttpResult<T> Answer<T>(T body, bool isWell) =>
        TypedResults.Json(body, FrontendJson.Wire.Options, statusCode: isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
