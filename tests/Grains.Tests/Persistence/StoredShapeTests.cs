using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Warroom.Alerts;
using Warroom.Incidents;
using Warroom.Services;

namespace Warroom.Persistence;

/// <summary>What was stored once stays readable. The texts are as the first version wrote them: when a shape changes, add to these, never edit them.</summary>
public sealed class StoredShapeTests
{
    private const string Author = """{"kind":"person","name":"Ada"}""";

    private const string Alert =
        """{"fingerprint":"f1","name":"HighLatency","starts_at":"2026-11-20T12:00:00+00:00","ends_at":"2026-11-20T12:05:00+00:00","summary":"slow","labels":{"severity":"critical"},"source_url":"https://p.example/"}""";

    [Fact]
    public void IncidentState_OfSchema1()
    {
        const string Stored =
            """
            {"schema":1,"id":"0199f1f8-0000-7000-8000-000000000001","version":7,"title":"Checkout is slow","description":"since noon","severity":"high","status":"resolved","service":"checkout","services":["checkout","bank"],
            "alerts":[{"fingerprint":"f1","name":"HighLatency","starts_at":"2026-11-20T12:00:00+00:00","ends_at":"2026-11-20T12:05:00+00:00","summary":"slow","source_url":"https://p.example/"}],
            "created_at":"2026-11-20T12:00:00+00:00","started_at":"2026-11-20T11:59:00+00:00","updated_at":"2026-11-20T12:10:00.000001+00:00","resolved_at":"2026-11-20T12:10:00.000001+00:00",
            "opened_by":{"kind":"person","name":"Ada"}}
            """;

        var state = ReadsAndWrites(Stored, StateJson.Stored.IncidentState);

        Assert.Equal((7L, IncidentStatus.Resolved, Severity.High, "Ada"), (state.Version, state.Status, state.Severity, state.OpenedBy.Name));
        Assert.Equal(["checkout", "bank"], state.Services);
        Assert.Equal("f1", Assert.Single(state.Alerts).Fingerprint);
    }

    [Fact]
    public void ServiceState_OfSchema1()
    {
        const string Stored =
            """
            {"schema":1,"name":"checkout","description":"takes money","owner":"payments","depends_on":["bank"],"health":"degraded","sample":true,
            "created_at":"2026-11-20T12:00:00+00:00","updated_at":"2026-11-20T12:01:00+00:00"}
            """;
        var state = ReadsAndWrites(Stored, StateJson.Stored.ServiceState);
        Assert.Equal(("checkout", ServiceHealth.Degraded, true), (state.Name, state.Health, state.Sample));
    }

    [Fact]
    public void AlertRouterState_OfSchema1()
    {
        const string Stored =
            $$"""
            {"schema":1,"service":"checkout","incident_id":"0199f1f8-0000-7000-8000-000000000001",
            "known":[{"alert":{{Alert}},"severity":"critical","source":"Alertmanager","incident_id":"0199f1f8-0000-7000-8000-000000000001","owes_fired":false,"owes_resolved":true,"heard_at":"2026-11-20T12:06:00+00:00"}],
            "updated_at":"2026-11-20T12:06:00+00:00"}
            """;
        var known = Assert.Single(ReadsAndWrites(Stored, StateJson.Stored.AlertRouterState).Known);
        Assert.Equal((false, true, "HighLatency"), (known.OwesFired, known.OwesResolved, known.Alert.Name));
    }

    [Fact]
    public void MembersThatAreNotThere_HaveTheirDefaults()
    {
        var state = JsonSerializer.Deserialize(
            $$"""
            {"id":"0199f1f8-0000-7000-8000-000000000001","version":1,"title":"t","severity":"low","status":"open","created_at":"2026-11-20T12:00:00Z","started_at":"2026-11-20T12:00:00Z",
            "updated_at":"2026-11-20T12:00:00Z","opened_by":{{Author}},"something_newer":1}
            """,
            StateJson.Stored.IncidentState)!;
        Assert.Equal((1, "", 0, 0), (state.Schema, state.Description, state.Services.Length, state.Alerts.Length));

        var opened = (IncidentOpened)IncidentEvents.FromBody(
            $$"""
            {"kind":"opened","at":"2026-11-20T12:00:00Z","by":{{Author}},"operation_id":"0199f1f8-0000-7000-8000-0000000000ff","title":"t","severity":"low","started_at":"2026-11-20T12:00:00Z"}
            """);
        Assert.Equal("", opened.Description);
    }

    [Theory]
    [InlineData("opened", """,{0},"title":"Checkout is slow","description":"since noon","severity":"high","service":"checkout","started_at":"2026-11-20T11:59:00+00:00" """)]
    [InlineData("posted", """,{0},"text":"<b>looking</b> at \"it\"" """)]
    [InlineData("title_changed", """,{0},"from":"a","to":"b" """)]
    [InlineData("description_changed", """,{0},"to":"b" """)]
    [InlineData("severity_changed", """,{0},"from":"low","to":"critical" """)]
    [InlineData("status_changed", """,{0},"from":"open","to":"resolved","reason":"fixed" """)]
    [InlineData("services_linked", """,{0},"services":["bank"] """)]
    [InlineData("alert_fired", """,{0},"alert":ALERT """)]
    [InlineData("alert_resolved", """,{0},"alert":ALERT """)]
    public void EventBodies_OfTheFirstVersion(string kind, string members)
    {
        // The order of members is the writer's: derived ones come first. A body is read in any order but for the kind.
        const string Common = "\"at\":\"2026-11-20T12:00:00+00:00\",\"by\":" + Author + ",\"operation_id\":\"0199f1f8-0000-7000-8000-0000000000ff\"";
        var stored = $$"""{"kind":"{{kind}}"{{members.Replace("{0}", Common).Replace("ALERT", Alert).TrimEnd()}}}""";

        var happened = IncidentEvents.FromBody(stored);

        Assert.Equal("Ada", happened.By.Name);
        var written = IncidentEvents.ToBody(happened);
        Assert.StartsWith($$"""{"kind":"{{kind}}",""", written);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(stored), JsonElement.Parse(written)), written);
    }

    private static T ReadsAndWrites<T>(string stored, JsonTypeInfo<T> json)
    {
        var state = JsonSerializer.Deserialize(stored, json)!;
        var written = JsonSerializer.Serialize(state, json);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(stored), JsonElement.Parse(written)), written);
        return state;
    }
}
