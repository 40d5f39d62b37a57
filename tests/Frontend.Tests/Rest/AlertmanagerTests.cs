using System.Net;
using System.Text.Json;
using Warroom.Frontend.Alerts;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Rest;

public sealed class AlertmanagerTests(SharedWarroom shared)
{
    private readonly string _service = $"alerts-{Guid.NewGuid():N}"[..20];

    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Receive_FiringThenResolved_OpensJoinsAndResolves()
    {
        var opened = Assert.Single(await ReceiveAsync(Firing("HighLatency", "fp1")));
        Assert.Equal("opened", opened.Outcome);
        var joined = Assert.Single(await ReceiveAsync(Firing("ErrorRate", "fp2")));
        Assert.Equal(("joined", opened.IncidentId), (joined.Outcome, joined.IncidentId));
        Assert.Equal([("repeated", opened.IncidentId)], await ReceiveAsync(Firing("HighLatency", "fp1")));
        var resolved = Assert.Single(await ReceiveAsync(Resolved("HighLatency", "fp1")));
        Assert.Equal(("resolved", opened.IncidentId), (resolved.Outcome, resolved.IncidentId));

        var incident = (await Http.GetAnswerAsync($"api/incidents/{opened.IncidentId}")).Is(HttpStatusCode.OK);
        Assert.Equal(("critical", _service, "open"), (incident.GetProperty("severity").GetString(), incident.GetProperty("service").GetString(), incident.GetProperty("status").GetString()));
        Assert.Equal(["opened", "alert_fired", "alert_fired", "alert_resolved"], await KindsAsync(opened.IncidentId!.Value));
        Assert.Equal(2, incident.GetProperty("alerts").GetArrayLength());
        Assert.Equal(1, await FiringAsync());
        Assert.Equal([("resolved", opened.IncidentId)], await ReceiveAsync(Resolved("ErrorRate", "fp2")));
        Assert.Equal(0, await FiringAsync());
    }

    [Fact]
    public async Task Receive_JoinsTheIncidentThatAPersonOpened_UntilItIsResolved()
    {
        var byHand = await OpenAsync(_service);
        var linked = await OpenAsync(service: null);
        (await Http.PostAnswerAsync($"api/incidents/{linked}/services", new { services = new[] { _service } })).Is(HttpStatusCode.OK);

        Assert.Equal([("joined", byHand)], await ReceiveAsync(Firing("HighLatency", "fp1")));
        Assert.Equal(["opened", "alert_fired"], await KindsAsync(byHand));

        // One that is linked to the service comes next; with both resolved, an alert opens its own.
        await ResolveAsync(byHand);
        Assert.Equal([("joined", linked)], await ReceiveAsync(Firing("ErrorRate", "fp2")));
        await ResolveAsync(linked);
        var opened = Assert.Single(await ReceiveAsync(Firing("Saturation", "fp3")));
        Assert.Equal("opened", opened.Outcome);
    }

    [Fact]
    public async Task Receive_TheSame100TimesAtOnce_IsOneTransition()
    {
        var message = Message(Firing("HighLatency", "fp1"), Firing("ErrorRate", "fp2"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Http.PostAnswerAsync("api/webhooks/alertmanager", message)));
        var routes = answers.SelectMany(answer => answer.Is(HttpStatusCode.OK).GetProperty("routes").EnumerateArray()).ToList();
        Assert.Equal(200, routes.Count);
        Assert.Single(routes.Select(route => route.GetProperty("incident_id").GetGuid()).Distinct());
        Assert.Single(routes, route => route.GetProperty("outcome").GetString() == "opened");
        Assert.Equal(198, routes.Count(route => route.GetProperty("outcome").GetString() == "repeated"));
        Assert.Equal(["opened", "alert_fired", "alert_fired"], await KindsAsync(routes[0].GetProperty("incident_id").GetGuid()));
    }

    [Fact]
    public async Task Receive_ResolvedBeforeFiring_OpensNothing()
    {
        var early = Assert.Single(await ReceiveAsync(Resolved("HighLatency", "fp1")));
        Assert.Equal(("ignored", (Guid?)null), (early.Outcome, early.IncidentId));

        // The firing of the same alert arrives late: it is over already.
        Assert.NotEqual("joined", Assert.Single(await ReceiveAsync(Firing("HighLatency", "fp1"))).Outcome);
    }

    [Fact]
    public async Task Receive_SeveralServices_RoutesEachToItsOwn()
    {
        var routes = await ReceiveAsync(Firing("A", "fp1", severity: "critical"), Firing("B", "fp2", $"{_service}-2", "warning"));
        Assert.Equal(2, routes.Select(route => route.IncidentId).Distinct().Count());
        Assert.Equal("critical", (await Http.GetAnswerAsync($"api/incidents/{routes[0].IncidentId}")).Is(HttpStatusCode.OK).GetProperty("severity").GetString());
    }

    [Fact]
    public async Task Receive_AlertsThatCannotBeRead_ArePassedOver()
    {
        var body = $$$"""
            {"version":"4","truncatedAlerts":3,"unknown":{"x":1},"alerts":[null,7,{},{"labels":{}},{"labels":"x"},
             {"status":"firing","labels":{"alertname":"Odd","service":"{{{_service}}}","severity":7},"annotations":[],"startsAt":"never","generatorURL":"javascript:alert(1)"}]}
            """;
        var answer = (await Http.PostAnswerAsync("api/webhooks/alertmanager", body)).Is(HttpStatusCode.OK);
        var route = Assert.Single(answer.GetProperty("routes").EnumerateArray());
        var incident = (await Http.GetAnswerAsync($"api/incidents/{route.GetProperty("incident_id").GetGuid()}")).Is(HttpStatusCode.OK);
        Assert.Equal("medium", incident.GetProperty("severity").GetString());
        Assert.DoesNotContain("javascript:", incident.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"alertname":"Odd","service":"SERVICE","pod":"\ud800"}""", "{}")]
    [InlineData("""{"alertname":"Odd","service":"SERVICE","\udc00":"x"}""", "{}")]
    [InlineData("""{"alertname":"Odd","service":"SERVICE"}""", """{"summary":"half a pair: \ud83d"}""")]
    public async Task Receive_HalfASurrogatePairInOneAlert_TheOthersAreTaken(string labels, string annotations)
    {
        var odd = $$"""{"status":"firing","labels":{{labels}},"annotations":{{annotations}},"startsAt":"2026-11-20T10:00:00Z","fingerprint":"odd"}""".Replace("SERVICE", _service, StringComparison.Ordinal);
        var good = JsonSerializer.Serialize(Firing("Good", "good"));

        var answer = (await Http.PostAnswerAsync("api/webhooks/alertmanager", $$"""{"alerts":[{{odd}},{{good}}]}""")).Is(HttpStatusCode.OK);

        Assert.Equal(["good"], answer.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("fingerprint").GetString()));
    }

    [Fact]
    public async Task Receive_AlertStorm_AllOfItIsTaken()
    {
        var text = new string('x', 400);
        var alerts = Enumerable.Range(0, 1_000).Select(i => new
        {
            status = "firing",
            labels = new { alertname = $"Storm{i}", service = $"{_service}-{i % 20}", severity = "page", instance = $"node-{i}", pod = text, path = text },
            annotations = new { summary = text, description = text },
            startsAt = "2026-11-20T10:00:00Z",
            fingerprint = $"storm{i}",
        }).ToArray<object>();
        var message = JsonSerializer.Serialize(Message(alerts));
        Assert.InRange(message.Length, 1_500_000, 2_000_000);

        var routes = (await Http.PostAnswerAsync("api/webhooks/alertmanager", message)).Is(HttpStatusCode.OK).GetProperty("routes").EnumerateArray().ToList();

        Assert.Equal(1_000, routes.Count(route => route.GetProperty("outcome").GetString() is "opened" or "joined"));
        Assert.Equal(20, routes.Select(route => route.GetProperty("incident_id").GetGuid()).Distinct().Count());
    }

    [Fact]
    public async Task Receive_BodyOver16MiB_IsRefused() =>
        (await Http.PostAnswerAsync("api/webhooks/alertmanager", $$"""{"alerts":[],"x":"{{new string('x', 17 * 1024 * 1024)}}"}""")).Refused(HttpStatusCode.RequestEntityTooLarge, "request.too_large");

    [Fact]
    public void Parse_OneServicesManyLongAlerts_AreSeveralBatchesInTheirOrder()
    {
        var alerts = Enumerable.Range(0, 1_000).Select(i => new { labels = new { alertname = $"Storm{i}", service = "db", pod = new string('x', 1_000) }, fingerprint = $"{i}" });

        var (batches, unreadable) = AlertmanagerParser.Parse(new() { Alerts = JsonSerializer.SerializeToElement(alerts) }, TimeProvider.System.GetUtcNow());

        Assert.Equal(0, unreadable);
        Assert.All(batches, batch => Assert.InRange(batch.Batch.Alerts.Sum(alert => alert.Alert.Labels["pod"].Length), 1, AlertmanagerParser.BatchLengthMax));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}"), batches.SelectMany(batch => batch.Batch.Alerts).Select(alert => alert.Alert.Fingerprint));
    }

    [Fact]
    public async Task Receive_LongestAlert_FitsAnIncident()
    {
        var alert = new
        {
            status = "firing",
            labels = Enumerable.Range(0, 80).ToDictionary(i => $"label{i}", i => new string('v', 2_000))
                .Concat([new("alertname", new string('n', 500)), new("service", _service)]).ToDictionary(),
            annotations = new { summary = new string('s', 5_000) },
            startsAt = "2026-11-20T10:00:00Z",
            fingerprint = "0123456789abcdef",
        };
        Assert.Equal("opened", Assert.Single(await ReceiveAsync(alert)).Outcome);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"version":"4"}""")]
    [InlineData("""{"alerts":{}}""")]
    [InlineData("""{"alerts":"x"}""")]
    public async Task Receive_NoAlerts_IsRefused(string body) =>
        Assert.StartsWith("Alerts is required", (await Http.PostAnswerAsync("api/webhooks/alertmanager", body)).Refused(HttpStatusCode.BadRequest, "alert.alerts_required"), StringComparison.Ordinal);

    [Fact]
    public async Task Receive_BadJsonOrTooMany_IsRefused()
    {
        (await Http.PostAnswerAsync("api/webhooks/alertmanager", "{")).Refused(HttpStatusCode.BadRequest, "request.bad_json");
        (await Http.PostAnswerAsync("api/webhooks/alertmanager", """{"alerts":[""" + string.Join(',', Enumerable.Repeat("{}", 1_001)) + "]}")).Refused(HttpStatusCode.RequestEntityTooLarge, "alert.too_many");
        (await Http.PostAnswerAsync("api/webhooks/alertmanager", """{"alerts":[]}""")).Is(HttpStatusCode.OK);
    }

    private async Task<Guid?> OpenAsync(string? service) =>
        (await Http.PostAnswerAsync("api/incidents", new { title = "Checkout is slow", severity = "high", service })).Is(HttpStatusCode.Created).GetProperty("id").GetGuid();

    private async Task ResolveAsync(Guid? id) => (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { status = "resolved" })).Is(HttpStatusCode.OK);

    private static object Message(params object[] alerts) => new
    {
        version = "4",
        groupKey = "{}:{alertname=\"x\"}",
        truncatedAlerts = 0,
        status = "firing",
        receiver = "warroom",
        groupLabels = new { },
        commonLabels = new { },
        commonAnnotations = new { },
        externalURL = "http://alertmanager.example:9093",
        alerts,
    };

    private object Firing(string name, string fingerprint, string? service = null, string severity = "page") => new
    {
        status = "firing",
        labels = new { alertname = name, service = service ?? _service, severity },
        annotations = new { summary = $"{name} is high" },
        startsAt = "2026-11-20T10:00:00.000Z",
        endsAt = "0001-01-01T00:00:00Z",
        generatorURL = "http://prometheus.example:9090/graph",
        fingerprint,
    };

    private object Resolved(string name, string fingerprint) => new
    {
        status = "resolved",
        labels = new { alertname = name, service = _service, severity = "page" },
        annotations = new { summary = $"{name} is high" },
        startsAt = "2026-11-20T10:00:00.000Z",
        endsAt = "2026-11-20T10:05:00.000Z",
        fingerprint,
    };

    private async Task<List<(string Outcome, Guid? IncidentId)>> ReceiveAsync(params object[] alerts) =>
        [.. (await Http.PostAnswerAsync("api/webhooks/alertmanager", Message(alerts))).Is(HttpStatusCode.OK).GetProperty("routes").EnumerateArray()
            .Select(route => (route.GetProperty("outcome").GetString()!, route.TryGetProperty("incident_id", out var id) ? id.GetGuid() : (Guid?)null))];

    private async Task<int> FiringAsync() => (await Http.GetAnswerAsync($"api/incidents?service={_service}")).Is(HttpStatusCode.OK)[0].GetProperty("alerts_firing").GetInt32();

    private async Task<List<string?>> KindsAsync(Guid? incidentId) =>
        [.. (await Http.GetAnswerAsync($"api/incidents/{incidentId}/timeline")).Is(HttpStatusCode.OK).GetProperty("events").EnumerateArray()
            .Select(logged => JsonDocument.Parse(logged.GetProperty("body").GetString()!).RootElement.GetProperty("kind").GetString())];
}
