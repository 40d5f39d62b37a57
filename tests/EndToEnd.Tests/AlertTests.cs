using System.Net;
using System.Text.Json.Nodes;

using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>The main job on real input: a real alert opens an incident that everyone sees.</summary>
public sealed class AlertTests
{
    // Fires as soon as five requests for incidents that do not exist were answered: Warroom's own metrics, a real rule.
    private const string Rule =
        """
        - alert: WarroomClientsAreLost
          expr: sum(http_requests_total{path="/api/incidents/{id}", status="404"}) >= 5
          labels:
            service: warroom
            severity: critical
          annotations:
            summary: "{{ $value }} requests asked for incidents that do not exist"
        """;

    [Fact]
    public async Task Alert_of_a_real_Prometheus_opens_an_incident_on_an_already_open_page()
    {
        await using var stack = await WarroomStack.StartAsync();
        await using var browser = await Browser.StartAsync();
        await using var responder = await browser.OpenAsync(stack.Frontend.Address);
        await using var colleague = await browser.OpenAsync(stack.Frontend.Address, ColorScheme.Dark, width: 400, height: 800);
        await responder.GoAsync("/");
        await colleague.GoAsync("/");
        await Expect(responder.Page.GetByText("No open incident.")).ToBeVisibleAsync();

        await using var alerts = await AlertPipeline.StartAsync(stack.Frontend.Address, Rule);
        await Eventually.HoldsAsync("Prometheus to scrape Warroom", async () => await ScrapedAsync(alerts));
        for (var i = 0; i < 5; i++)
        {
            using var response = await stack.Frontend.Http.GetAsync($"api/incidents/{Guid.CreateVersion7()}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        // On pages that were open before anything happened.
        var link = new PageGetByRoleOptions { Name = "WarroomClientsAreLost" };
        await Expect(responder.Page.GetByRole(AriaRole.Link, link)).ToBeVisibleAsync();
        await Expect(colleague.Page.GetByRole(AriaRole.Link, link)).ToBeVisibleAsync();
        var incident = Assert.Single(await new WarroomApi(stack.Frontend.Http).IncidentsAsync());
        Assert.Equal("critical", incident!["severity"]!.GetValue<string>());
        Assert.Equal("warroom", incident["service"]!.GetValue<string>());

        // And in its war-room everyone sees the same grow.
        await responder.Page.GetByRole(AriaRole.Link, link).ClickAsync();
        await colleague.Page.GetByRole(AriaRole.Link, link).ClickAsync();
        await Expect(responder.Page.GetByRole(AriaRole.Feed)).ToContainTextAsync("requests asked for incidents that do not exist");
        await responder.Page.GetByRole(AriaRole.Textbox, new() { Name = "Write to the timeline" }).FillAsync("Looking at the gateway's routes.");
        await responder.Page.GetByRole(AriaRole.Button, new() { Name = "Post", Exact = true }).ClickAsync();
        await Expect(colleague.Page.GetByRole(AriaRole.Feed)).ToContainTextAsync("Looking at the gateway's routes.");
        Assert.Equal((await new TimelineView(responder.Page).ReadAsync()).Select(shown => shown.Text), (await new TimelineView(colleague.Page).ReadAsync()).Select(shown => shown.Text));
    }

    // The counter must be known before it rises, or the alert would only show that Prometheus found it risen.
    private static async Task<bool> ScrapedAsync(AlertPipeline alerts)
    {
        var answer = JsonNode.Parse(await alerts.Prometheus.Http.GetStringAsync("api/v1/query?query=up"));
        return answer!["data"]!["result"]!.AsArray() is [{ } series] && series["value"]![1]!.GetValue<string>() == "1";
    }
}
