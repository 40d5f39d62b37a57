using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Warroom.Bench.Load;

/// <summary>
/// Speaks as much of Ollama's protocol as a relay needs, in the load's process. Each token is a <see cref="Stamp"/>, so that a viewer can tell its age.
/// Bench and product read from the same one.
/// </summary>
internal sealed class FakeModel : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeModel(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Tokens a second of each reply; 0: as fast as it goes.</summary>
    public double TokensPerSecond { get; set; } = 30;

    /// <summary>How long a reply is.</summary>
    public int TokensPerReply { get; set; } = 600;

    /// <summary>Tokens that are written together when it goes as fast as it can.</summary>
    public int Burst { get; set; } = 16;

    public static async Task<FakeModel> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AllowSynchronousIO = false);
        var app = builder.Build();
        var model = new FakeModel(app);
        app.MapGet("/", () => "Ollama is running");
        app.MapGet("/api/version", () => Results.Text("{\"version\":\"0.12.0\"}", "application/json"));
        app.MapGet("/api/tags", () => Results.Text("{\"models\":[{\"name\":\"bench\",\"model\":\"bench\",\"modified_at\":\"2026-01-01T00:00:00Z\",\"size\":1,\"digest\":\"0\",\"details\":{\"family\":\"bench\"}}]}", "application/json"));
        app.MapGet("/api/ps", () => Results.Text("{\"models\":[]}", "application/json"));
        app.MapPost("/api/show", () => Results.Text("{\"details\":{\"family\":\"bench\"},\"model_info\":{},\"capabilities\":[\"completion\"]}", "application/json"));
        app.MapPost("/api/chat", model.ChatAsync);
        await app.StartAsync();
        return model;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ChatAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        var cancellationToken = context.RequestAborted;
        var writer = context.Response.BodyWriter;
        var begun = Stopwatch.GetTimestamp();
        var rate = TokensPerSecond;
        var total = TokensPerReply;
        // Replies begin at different parts of the interval, as people do.
        var offset = rate > 0 ? Random() / rate : 0;
        for (var token = 0; token < total && !cancellationToken.IsCancellationRequested; token++)
        {
            if (rate > 0)
            {
                var due = TimeSpan.FromSeconds(offset + (token / rate)) - Stopwatch.GetElapsedTime(begun);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Encoding.UTF8.GetBytes($"{{\"model\":\"bench\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"{Stamp.Now()}\"}},\"done\":false}}\n", writer);
            if (rate > 0 || token % Burst == Burst - 1)
                await writer.FlushAsync(CancellationToken.None);
        }

        Encoding.UTF8.GetBytes($"{{\"model\":\"bench\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"\"}},\"done\":true,\"done_reason\":\"stop\",\"total_duration\":1,\"prompt_eval_count\":1,\"eval_count\":{total}}}\n", writer);
        await writer.FlushAsync(CancellationToken.None);
    }

    private static double Random() => System.Security.Cryptography.RandomNumberGenerator.GetInt32(1000) / 1000.0;
}
