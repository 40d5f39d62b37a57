using System.Text.Json;
using Warroom.Frontend.Alerts;
using Warroom.Incidents;

namespace Warroom.Frontend.Tests.Alerts;

public sealed class AlertmanagerParserTests
{
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
}
