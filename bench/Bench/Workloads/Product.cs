using System.Net.Http.Json;
using System.Text.Json;
using Warroom.Bench.Load;

namespace Warroom.Bench.Workloads;

/// <summary>The product as it ships, in a process of its own on a database of its own.</summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly HttpClient _http;

    private readonly ServerProcess? _silo;

    private Product(ServerProcess server, ServerProcess? silo)
    {
        Server = server;
        _silo = silo;
        _http = new HttpClient { BaseAddress = server.Address };
    }

    public ServerProcess Server { get; }

    /// <summary>Starts the front end, which hosts the silo too, unless one is given that it is to use.</summary>
    public static async Task<Product> StartAsync(string connectionString, Uri model, ServerProcess? silo = null)
    {
        var port = ServerProcess.FreePort();
        var environment = Environment(connectionString, model);
        if (silo is not null)
            environment["Cluster__Role"] = "Client";
        var server = await ServerProcess.StartAsync(
            Assembly("Frontend"), port, "/ready", ["--urls", $"http://127.0.0.1:{port}", "--contentRoot", Path.Combine(Warroom.Testing.Repository.Root, "src/Frontend")], environment);
        return new Product(server, silo);
    }

    public static async Task<ServerProcess> StartSiloAsync(string connectionString, Uri model)
    {
        var port = ServerProcess.FreePort();
        var environment = Environment(connectionString, model);
        environment["Cluster__SiloPort"] = $"{ServerProcess.FreePort()}";
        environment["Cluster__GatewayPort"] = $"{ServerProcess.FreePort()}";
        return await ServerProcess.StartAsync(Assembly("Silo"), port, "/ready", ["--urls", $"http://127.0.0.1:{port}"], environment);
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
        if (_silo is not null)
            await _silo.DisposeAsync();
    }

    private static string Assembly(string project) =>
        Path.Combine(Warroom.Testing.Repository.Root, "src", project, "bin/Release/net10.0", $"Warroom.{project}.dll");

    private static Dictionary<string, string?> Environment(string connectionString, Uri model) => new(StringComparer.Ordinal)
    {
        ["ConnectionStrings__Warroom"] = connectionString,
        ["Ollama__Endpoints__0"] = model.ToString(),
        ["Ollama__MaxConcurrentPerEndpoint"] = "64",
        ["Cluster__Secret"] = "the secret of the bench's cluster",
        ["Logging__LogLevel__Default"] = "Warning",
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
    };
}
