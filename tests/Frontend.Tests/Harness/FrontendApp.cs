using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Warroom.Frontend.Errors;
using Warroom.Frontend.Tests.Harness;
using Warroom.Models;
using Warroom.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(FrontendApp))]

namespace Warroom.Frontend.Tests.Harness;

/// <summary>The whole front end with its silo in this process, on real PostgreSQL and a real loopback port; only the model is a script. All tests of the assembly share it.</summary>
public sealed class FrontendApp : IAsyncLifetime
{
    private TestDatabase? _database;
    private WebApplicationFactory<Problem>? _factory;

    public ScriptedModel Model { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _factory!.Services;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _factory = new WebApplicationFactory<Problem>().WithWebHostBuilder(host =>
        {
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.UseSetting("ConnectionStrings:Warroom", _database.ConnectionString);
            host.UseSetting("Live:OutboxBytesMax", "524288");
            host.UseSetting("Logging:LogLevel:Default", "Warning");
            host.ConfigureTestServices(services => services.AddSingleton<IModelClients>(Model));
        });
        _factory.UseKestrel(0);
        _factory.StartServer();
        Http = _factory.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_factory is not null)
        {
            await _factory.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Connects to a hub.</summary>
    public Task<HubClient> ConnectAsync(string hub, string actor = "ana", int receiveBufferBytes = 0) =>
        HubClient.ConnectAsync(new Uri($"ws://{Http.BaseAddress!.Authority}/hubs/{hub}?actor={actor}"), receiveBufferBytes);

    /// <summary>Sends JSON and reads status and JSON.</summary>
    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(HttpMethod method, string path, object? body = null, Guid? operation = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : JsonContent.Create(body);
        }

        if (operation is { } id)
        {
            request.Headers.Add("Idempotency-Key", id.ToString());
        }

        return await SendAsync(request);
    }

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(HttpRequestMessage request)
    {
        var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return ((int)response.StatusCode, json ? JsonDocument.Parse(text).RootElement.Clone() : default, response);
    }

    /// <summary>Opens an incident and gives its id.</summary>
    public async Task<Guid> OpenIncidentAsync(string title = "Checkout fails", string? service = null)
    {
        var (status, body, _) = await SendAsync(HttpMethod.Post, "/api/incidents", new { title, severity = "high", service });
        Assert.Equal(201, status);
        return body.GetProperty("id").GetGuid();
    }

    /// <summary>Posts an entry and gives its number.</summary>
    public async Task<long> PostAsync(Guid incident, string text, Guid? operation = null)
    {
        var (status, body, _) = await SendAsync(HttpMethod.Post, $"/api/incidents/{incident}/timeline", new { text }, operation);
        Assert.Equal(201, status);
        return body.GetProperty("seq").GetInt64();
    }
}
