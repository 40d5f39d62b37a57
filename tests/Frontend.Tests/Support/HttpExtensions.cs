using System.Net;
using System.Text;
using System.Text.Json;

namespace Warroom.Frontend.Tests.Support;

/// <summary>Short forms of what tests ask over REST.</summary>
internal static class HttpExtensions
{
    public static Task<Answer> GetAnswerAsync(this HttpClient http, string path, params (string Name, string Value)[] headers) => http.AskAsync(HttpMethod.Get, path, body: null, headers);

    public static Task<Answer> PostAnswerAsync(this HttpClient http, string path, object? body, params (string Name, string Value)[] headers) => http.AskAsync(HttpMethod.Post, path, body, headers);

    /// <summary>A body that is a string goes as it is; anything else as JSON.</summary>
    public static async Task<Answer> AskAsync(this HttpClient http, HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body as HttpContent ?? new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Opens an incident; its id.</summary>
    public static async Task<Guid> OpenIncidentAsync(this HttpClient http, string title = "Checkout is slow", string? service = null) =>
        (await http.PostAnswerAsync("api/incidents", new { title, severity = "high", service })).Is(HttpStatusCode.Created).GetProperty("id").GetGuid();

    /// <summary>Writes into a timeline; the event's number.</summary>
    public static async Task<long> PostEntryAsync(this HttpClient http, Guid incidentId, string text) =>
        (await http.PostAnswerAsync($"api/incidents/{incidentId}/timeline", new { text })).Is(HttpStatusCode.Created).GetProperty("seq").GetInt64();

    /// <summary>Launches a bot and begins a session; the session's id.</summary>
    public static async Task<Guid> StartSessionAsync(this HttpClient http)
    {
        var bot = (await http.PostAnswerAsync("api/bots", new { name = "Helper" })).Is(HttpStatusCode.Created).GetProperty("id").GetString();
        return (await http.PostAnswerAsync("api/sessions", new { bot_id = bot })).Is(HttpStatusCode.Created).GetProperty("id").GetGuid();
    }
}
