using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

using Warroom.EndToEnd.Checking;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// Warroom's REST interface as an outside program uses it: JSON by its documented names (docs/contracts.md) and none of the product's types, so that a
/// change of the wire shows here.
/// </summary>
public sealed class WarroomApi(HttpClient http)
{
    /// <summary>Opens an incident and returns its id.</summary>
    public async Task<Guid> OpenIncidentAsync(string title, string severity, string? service = null, Guid? operationId = null)
    {
        var incident = await SendAsync(HttpMethod.Post, "api/incidents", new { title, severity, service }, operationId);
        return incident["id"]!.GetValue<Guid>();
    }

    /// <summary>Sends a post once and returns its number. Throws what an outside program would meet when the server is gone.</summary>
    public async Task<long> PostAsync(Guid incidentId, Guid operationId, string text, string? actor = null)
    {
        var ack = await SendAsync(HttpMethod.Post, $"api/incidents/{incidentId}/timeline", new { text }, operationId, actor);
        return ack["seq"]!.GetValue<long>();
    }

    /// <summary>Changes fields of an incident.</summary>
    public Task<JsonObject> PatchIncidentAsync(Guid incidentId, object change) => SendAsync(HttpMethod.Patch, $"api/incidents/{incidentId}", change);

    /// <summary>Reads an incident.</summary>
    public Task<JsonObject> IncidentAsync(Guid incidentId) => GetAsync<JsonObject>($"api/incidents/{incidentId}");

    /// <summary>Reads the newest incidents.</summary>
    public Task<JsonArray> IncidentsAsync(string query = "") => GetAsync<JsonArray>($"api/incidents{query}");

    /// <summary>Reads a whole timeline, page by page.</summary>
    public async Task<IReadOnlyList<LogEntry>> TimelineAsync(Guid incidentId)
    {
        var entries = new List<LogEntry>();
        while (true)
        {
            var after = entries.Count == 0 ? 0 : entries[^1].Seq;
            var page = await GetAsync<JsonObject>($"api/incidents/{incidentId}/timeline?after={after}&limit=1000");
            foreach (var item in page["events"]!.AsArray())
            {
                var body = item!["body"]!.GetValue<string>();
                var operation = JsonNode.Parse(body)!["operation_id"]!.GetValue<Guid>();
                entries.Add(new LogEntry(item["seq"]!.GetValue<long>(), operation, item["hash"]!.GetValue<string>(), body));
            }

            if (!page["more"]!.GetValue<bool>())
            {
                return entries;
            }
        }
    }

    /// <summary>Sends an alert as Alertmanager does (webhook version 4).</summary>
    public Task<JsonObject> SendAlertAsync(string name, string service, string severity, string summary)
    {
        // Alertmanager's own names are camelCase.
        var alert = new JsonObject
        {
            ["status"] = "firing",
            ["labels"] = new JsonObject { ["alertname"] = name, ["service"] = service, ["severity"] = severity },
            ["annotations"] = new JsonObject { ["summary"] = summary },
            ["startsAt"] = TimeProvider.System.GetUtcNow().ToString("O"),
            ["fingerprint"] = Guid.NewGuid().ToString("N")[..16],
        };
        var message = new JsonObject { ["version"] = "4", ["status"] = "firing", ["receiver"] = "warroom", ["alerts"] = new JsonArray(alert) };
        return SendAsync(HttpMethod.Post, "api/webhooks/alertmanager", message);
    }

    /// <summary>Launches a bot and returns its id.</summary>
    public async Task<string> LaunchBotAsync(string name)
    {
        var bot = await SendAsync(HttpMethod.Post, "api/bots", new { name });
        return bot["id"]!.GetValue<string>();
    }

    /// <summary>Begins a session with a bot and returns its id.</summary>
    public async Task<Guid> StartSessionAsync(string botId)
    {
        var session = await SendAsync(HttpMethod.Post, "api/sessions", new { bot_id = botId });
        return session["id"]!.GetValue<Guid>();
    }

    /// <summary>Sends a message; the reply comes by itself.</summary>
    public Task<JsonObject> SendMessageAsync(Guid sessionId, string text, Guid? operationId = null) =>
        SendAsync(HttpMethod.Post, $"api/sessions/{sessionId}/messages", new { text }, operationId);

    /// <summary>Asks for the rest of a reply that was cut.</summary>
    public Task<JsonObject> ContinueAsync(Guid sessionId) => SendAsync(HttpMethod.Post, $"api/sessions/{sessionId}/continue", new { });

    /// <summary>Reads the newest messages of a session, oldest first.</summary>
    public async Task<JsonArray> MessagesAsync(Guid sessionId) =>
        (await GetAsync<JsonObject>($"api/sessions/{sessionId}/messages"))["messages"]!.AsArray();

    public async Task<T> GetAsync<T>(string path)
        where T : JsonNode
    {
        using var response = await http.GetAsync(path);
        return (T)await ReadAsync(response);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}: {text}", null, response.StatusCode);
        }

        return JsonNode.Parse(text) ?? throw new JsonException($"{response.RequestMessage!.RequestUri} answered null.");
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, object body, Guid? operationId = null, string? actor = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, options: SnakeCase) };
        request.Headers.Add("Idempotency-Key", (operationId ?? Guid.CreateVersion7()).ToString());
        if (actor is not null)
        {
            request.Headers.Add("X-Warroom-Actor", Uri.EscapeDataString(actor));
        }

        using var response = await http.SendAsync(request);
        return (JsonObject)await ReadAsync(response);
    }

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
