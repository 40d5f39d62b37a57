using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>
/// Every main state of the page, light and dark, on a laptop and on a phone: nothing breaks, nothing is wider than the screen. With
/// <c>WARROOM_SCREENSHOTS</c> set, pictures go to docs/screenshots.
/// </summary>
public sealed class PagesTests
{
    [Fact]
    public async Task Main_states_fit_a_laptop_and_a_phone_in_light_and_dark()
    {
        await using var stack = await WarroomStack.StartAsync();
        await using var browser = await Browser.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        await VisitAsync(stack, browser, "incidents-empty", "/", page => Expect(page.GetByText("No open incident.")).ToBeVisibleAsync());
        var (incident, session) = await FillAsync(stack, api);

        await VisitAsync(stack, browser, "incidents", "/", page => Expect(page.GetByText("Checkout answers slowly")).ToBeVisibleAsync());
        await VisitAsync(stack, browser, "war-room", $"/incidents/{incident}", page => Expect(new TimelineView(page).Feed).ToContainTextAsync("rolling back"));
        await VisitAsync(stack, browser, "chat", $"/chat/{session}", page => Expect(page.GetByRole(AriaRole.Article, new() { Name = "Reply of Ada" })).ToHaveAttributeAsync("data-status", "complete"));
        await VisitAsync(stack, browser, "bots", "/bots", page => Expect(page.GetByText("BOT-001")).ToBeVisibleAsync());
        await VisitAsync(stack, browser, "services", "/services", page => Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Services" })).ToBeVisibleAsync());
        await VisitAsync(stack, browser, "cluster", "/cluster", page => Expect(page.GetByTestId("cluster-totals")).ToContainTextAsync("1 silo active"));
        await VisitAsync(stack, browser, "settings", "/settings", page => Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync());
    }

    private static Task VisitAsync(WarroomStack stack, Browser browser, string name, string path, Func<IPage, Task> settled) =>
        PageShots.TakeAsync(browser, stack.Frontend.Address, name, path, settled);

    // An incident as it goes, and a chat about it.
    private static async Task<(Guid Incident, Guid Session)> FillAsync(WarroomStack stack, WarroomApi api)
    {
        await api.OpenIncidentAsync("Nightly report is late", "low");
        var search = await api.OpenIncidentAsync("Search finds nothing in German", "medium");
        await api.PatchIncidentAsync(search, new { status = "monitoring" });
        var routes = await api.SendAlertAsync("CheckoutLatencyHigh", "checkout", "critical", "p95 of checkout is 4.2 s, the limit is 0.5 s");
        var checkout = routes["routes"]![0]!["incident_id"]!.GetValue<Guid>();
        await api.PatchIncidentAsync(checkout, new { title = "Checkout answers slowly" });
        foreach (var (actor, text) in ((string, string)[])
        [
            ("Ana Silva", "p95 of `POST /checkout` went from **180 ms to 4.2 s** at 14:02. Nothing else is slow."),
            ("Ben Okoye", "Deployment of 14:00 changed the retry policy of the payment client:\n\n```diff\n- retries: 1\n+ retries: 10\n```"),
            ("Ana Silva", "Payment provider says: no trouble on their side."),
        ])
        {
            await api.PostAsync(checkout, Guid.CreateVersion7(), text, actor);
        }

        await api.PatchIncidentAsync(checkout, new { status = "investigating" });
        await api.PostAsync(checkout, Guid.CreateVersion7(), "Ten retries of a call that times out after 5 s: that is it. I am rolling back.", "Ben Okoye");
        await stack.SetModelAsync(new { tokensPerSecond = 0, firstTokenDelayMs = 0 });
        var session = await api.StartSessionAsync(await api.LaunchBotAsync("Ada"));
        await api.SendMessageAsync(session, "Checkout is slow since 14:02. What do I look at first?");
        return (checkout, session);
    }
}
