using System.Net.Http.Json;
using System.Text.Json;
using Warroom.Bench.Load;

namespace Warroom.Bench.Workloads;

/// <summary>The product as it ships, in a process of its own on a database of its own.</summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly HttpClient _http;

    private Product(ServerProcess server)
    {
        Server = server;
        _http = new HttpClient { BaseAddress = server.Address };
    }

    public ServerProcess Server { get; }

    public static async Task<Product> StartAsync(string connectionString, Uri model)
    {
        var port = ServerProcess.FreePort();
        var assembly = Path.Combine(Warroom.Testing.Repository.Root, "src/Frontend/bin/Release/net10.0/Warroom.Frontend.dll");
        var server = await ServerProcess.StartAsync(assembly, port, "/ready", ["--urls", $"http://127.0.0.1:{port}", "--contentRoot", Path.Combine(Warroom.Testing.Repository.Root, "src/Frontend")], new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Warroom"] = connectionString,
            ["Ollama__Endpoints__0"] = model.ToString(),
            ["Ollama__MaxConcurrentPerEndpoint"] = "64",
            ["Logging__LogLevel__Default"] = "Warning",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
        });
        return new Product(server);
    }

    public async Task<Guid> OpenIncidentAsync(string title)
    {
        using var response = await _http.PostAsJsonAsync(new Uri("/api/incidents", UriKind.Relative), new { title, severity = "high" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    public async Task<string> LaunchBotAsync()
    {
        using var response = await _http.PostAsJsonAsync(new Uri("/api/bots", UriKind.Relative), new { name = "bench", model = "bench" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async Task<Guid> StartSessionAsync(string bot)
    {
        using var response = await _http.PostAsJsonAsync(new Uri("/api/sessions", UriKind.Relative), new { bot_id = bot });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    public async Task SendAsync(Guid session, string text)
    {
        using var response = await _http.PostAsJsonAsync(new Uri($"/api/sessions/{session}/messages", UriKind.Relative), new { text });
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }
}
