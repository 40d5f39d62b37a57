using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Warroom.Bench.Baselines;

/// <summary>
/// The least that relays a model's tokens to viewers: SignalR groups and an HTTP read, no grains, no database, no recovery. One group send for each read of the model's body, as the product does.
/// </summary>
internal static class RelayBaseline
{
    public static async Task ServeAsync(int port, string model)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(_ => { }));
        builder.Services.AddSignalR();
        builder.Services.AddSingleton(new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = new Uri(model), Timeout = Timeout.InfiniteTimeSpan });
        var app = builder.Build();
        app.MapGet("/health", () => "ok");
        app.MapHub<RelayHub>("/hub");
        app.MapPost("/start/{session}", (string session, IHubContext<RelayHub> hub, HttpClient http) =>
        {
            _ = RelayAsync(session, hub, http);
            return Results.Accepted();
        });
        await app.RunAsync();
    }

    private static async Task RelayAsync(string session, IHubContext<RelayHub> hub, HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat") { Content = new StringContent("{\"model\":\"bench\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}", Encoding.UTF8, "application/json") };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var filled = 0;
        long next = 0;
        var group = hub.Clients.Group(session);
        while (await body.ReadAsync(buffer.AsMemory(filled)) is > 0 and var read)
        {
            filled += read;
            var (tokens, used) = Parse(buffer.AsSpan(0, filled));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (tokens.Count == 0)
                continue;
            await group.SendAsync("Tokens", new TokenMessage(session, next, tokens));
            next += tokens.Count;
        }
    }

    private static (List<string> Tokens, int Used) Parse(ReadOnlySpan<byte> text)
    {
        var tokens = new List<string>();
        var used = 0;
        while (text[used..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            var reader = new Utf8JsonReader(text.Slice(used, length));
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("content"u8))
                {
                    reader.Read();
                    if (reader.GetString() is { Length: > 0 } token)
                        tokens.Add(token);
                }
            }

            used += length + 1;
        }

        return (tokens, used);
    }

    internal sealed record TokenMessage(string Session, long First, List<string> Tokens);
}

/// <summary>Viewers join the group of a session.</summary>
internal sealed class RelayHub : Hub
{
    public Task Watch(string session) => Groups.AddToGroupAsync(Context.ConnectionId, session);
}
