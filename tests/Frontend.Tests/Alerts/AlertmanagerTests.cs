using System.Net.Http;
using System.Text.Json;
using Warroom.Frontend.Alerts;
using Warroom.Frontend.Tests.Harness;
using Warroom.Incidents;
using Xunit;

namespace Warroom.Frontend.Tests.Alerts;

public sealed class AlertmanagerTests(FrontendApp app)
{
    [Fact]
    public async Task Same_message_twice_opens_one_incident_and_resolved_adds_to_it()
    {
        var service = $"pay-{Guid.NewGuid():N}"[..20];
        var firing = Message("firing", service);
        var (status, first, _) = await app.SendAsync(HttpMethod.Post, "/api/webhooks/alertmanager", firing);
        var (_, again, _) = await app.SendAsync(HttpMethod.Post, "/api/webhooks/alertmanager", firing);
        var (_, over, _) = await app.SendAsync(HttpMethod.Post, "/api/webhooks/alertmanager", Message("resolved", service));
        var (_, incidents, _) = await app.SendAsync(HttpMethod.Get, $"/api/incidents?service={service}");

        Assert.Equal(200, status);
        Assert.Equal(("opened", "repeated", "resolved"), (Outcome(first), Outcome(again), Outcome(over)));
        var incident = Assert.Single(incidents.EnumerateArray());
        Assert.Equal("critical", incident.GetProperty("severity").GetString());
        Assert.Equal(0, incident.GetProperty("alerts_firing").GetInt32());
        var (_, timeline, _) = await app.SendAsync(HttpMethod.Get, $"/api/incidents/{incident.GetProperty("id").GetGuid()}/timeline");
        Assert.Equal(
            ["opened", "alert_fired", "alert_resolved"],
            timeline.GetProperty("events").EnumerateArray().Select(logged => JsonDocument.Parse(logged.GetProperty("body").GetString()!).RootElement.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Message_without_alerts_is_refused_with_a_sentence()
    {
        var (status, problem, _) = await app.SendAsync(HttpMethod.Post, "/api/webhooks/alertmanager", """{"version":"4"}""");

        Assert.Equal(400, status);
        Assert.StartsWith("Alerts is required", problem.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OddButReadable_KeepsWhatItCan()
    {
        var message = JsonSerializer.Deserialize("""
            {"version":4,"truncatedAlerts":3,"alerts":[
              {"status":"firing","labels":{"alertname":"A","job":"Node Exporter!","severity":"page","x":5},"annotations":{"description":"d"},"startsAt":"2026-11-20T10:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"javascript:alert(1)"},
              {"status":"resolved","labels":{"alertname":"B"},"startsAt":"nonsense","endsAt":"2026-11-20T11:00:00Z","fingerprint":"f"},
              {"labels":{}}, 7]}
            """, Frontend.Hosting.FrontendJson.Wire.AlertmanagerMessage)!;

        var (batches, unreadable) = AlertmanagerParser.Parse(message, new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal(2, unreadable);
        Assert.Equal(["node-exporter", "unassigned"], batches.Select(batch => batch.Service));
        var first = batches[0].Batch.Alerts.Single();
        Assert.Equal((Severity.Critical, "d", null, null), (first.Severity, first.Alert.Summary, first.Alert.SourceUrl, first.Alert.EndsAt));
        Assert.Equal(16, first.Alert.Fingerprint.Length);
        Assert.NotNull(batches[1].Batch.Alerts.Single().Alert.EndsAt);
    }

    private static string? Outcome(JsonElement answer) => answer.GetProperty("routes")[0].GetProperty("outcome").GetString();

    private static object Message(string status, string service) => new
    {
        version = "4",
        groupKey = "{}:{}",
        status,
        receiver = "warroom",
        alerts = new[]
        {
            new
            {
                status,
                labels = new { alertname = "HighErrorRate", service, severity = "critical" },
                annotations = new { summary = "5 % of payments fail" },
                startsAt = "2026-11-20T10:00:00Z",
                endsAt = status == "resolved" ? "2026-11-20T10:20:00Z" : "0001-01-01T00:00:00Z",
                generatorURL = "http://prometheus:9090/graph",
                fingerprint = $"fp-{service}",
            },
        },
    };
}
