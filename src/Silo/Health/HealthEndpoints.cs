using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Warroom.Hosting;

namespace Warroom.Health;

/// <summary>Health for probes, operators and the page, in every process. Open to all, exempt from rate limits.</summary>
public static class HealthEndpoints
{
    /// <summary>Adds what answers: the database, the silos and Ollama are asked.</summary>
    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IDependencyProbe, DatabaseProbe>();
        builder.Services.AddSingleton<IDependencyProbe, SiloProbe>();
        builder.Services.AddSingleton<IDependencyProbe, ModelProbe>();
        builder.Services.AddSingleton<Dependencies>();
    }

    /// <summary><c>/health</c>, <c>/live</c>, <c>/ready</c> (also <c>/api/health</c>), <c>/startup</c>, <c>/health/db</c>, <c>/health/ollama</c>.</summary>
    public static void MapHealth(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var health = app.MapGroup("").WithTags("health");
        health.MapGet("/health", () => TypedResults.Ok(new StatusOnly { Status = "ok" })).WithSummary("Whether the process answers.");
        health.MapGet("/live", () => TypedResults.Ok(new Liveness { Alive = true })).WithSummary("Whether the process should go on living.");
        health.MapGet("/ready", (Dependencies dependencies, Readiness readiness) => ReportAsync(dependencies, readiness)).WithSummary("Whether it can do its work, with each dependency.");
        health.MapGet("/api/health", (Dependencies dependencies, Readiness readiness) => ReportAsync(dependencies, readiness)).WithSummary("The same as /ready.");
        health.MapGet("/startup", (IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.IsCancellationRequested
            ? Answer(new StatusOnly { Status = "ok" }, isWell: true)
            : Answer(new StatusOnly { Status = "starting" }, isWell: false)).WithSummary("Whether it has started.");
        health.MapGet("/health/db", async (Dependencies dependencies) => Answer(await dependencies.AskAsync(DatabaseProbe.DependencyName))).WithSummary("PostgreSQL.");
        health.MapGet("/health/ollama", async (Dependencies dependencies) => Answer(await dependencies.AskAsync(ModelProbe.DependencyName))).WithSummary("Ollama.");
    }

    private static async Task<JsonHttpResult<HealthReport>> ReportAsync(Dependencies dependencies, Readiness readiness)
    {
        var report = await dependencies.ReportAsync();

        // While it stops, nothing new should come: the balancer looks elsewhere before the connections end.
        var stops = readiness.IsLeaving;
        return Answer(stops ? report with { Status = "down" } : report, report.Status != "down" && !stops);
    }

    private static JsonHttpResult<DependencyHealth> Answer(DependencyHealth dependency) => Answer(dependency, dependency.Status == "ok");

    private static JsonHttpResult<T> Answer<T>(T body, bool isWell) =>
        TypedResults.Json(body, HealthJson.Default.Options, statusCode: isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
