using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>
/// Every main state of the page, light and dark, on a laptop and on a phone: nothing breaks, nothing is wider than the screen, axe-core finds nothing, a finger hits everything. With
/// <c>WARROOM_SCREENSHOTS</c> set, pictures go to docs/screenshots.
/// </summary>
public sealed class PagesTests
{
    [Fact]
    public async Task Main_states_and_dialogs_fit_a_laptop_and_a_phone_in_light_and_dark()
    {
        await using var stack = await WarroomStack.StartAsync();
        await using var browser = await Browser.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var address = stack.Frontend.Address;
        await PageShots.TakeAsync(browser, address, ("incidents-empty", "/", page => Expect(page.GetByText("No open incident.")).ToBeVisibleAsync()));
        var (incident, session) = await FillAsync(stack, api);

        await PageShots.TakeAsync(
            browser,
            address,
            ("incidents", "/", page => Expect(page.GetByText("Checkout answers slowly")).ToBeVisibleAsync()),
            ("war-room", $"/incidents/{incident}", page => Expect(new TimelineView(page).Feed).ToContainTextAsync("rolling back")),
            ("chat", $"/chat/{session}", page => Expect(page.GetByRole(AriaRole.Article, new() { Name = "Reply of Ada" })).ToHaveAttributeAsync("data-status", "complete")),
            ("bots", "/bots", page => Expect(page.GetByText("BOT-001")).ToBeVisibleAsync()),
            ("services", "/services", page => Expect(Heading(page, "Services")).ToBeVisibleAsync()),
            ("cluster", "/cluster", page => Expect(page.GetByTestId("cluster-totals")).ToContainTextAsync("1 silo active")),
            ("settings", "/settings", page => Expect(Heading(page, "Settings")).ToBeVisibleAsync()));
        await OpenDialogsAsync(browser, address, incident, session);
    }

    // Each by its key, on a laptop and on a phone; and the pages of what is not there.
    private static async Task OpenDialogsAsync(Browser browser, Uri address, Guid incident, Guid session)
    {
        foreach (var (colors, width) in ((ColorScheme, int)[])[(ColorScheme.Light, 1440), (ColorScheme.Dark, 400)])
        {
            await using var visitor = await browser.OpenAsync(address, colors, width, height: 800);
            var page = visitor.Page;
            await GoAsync(visitor, "/", "Incidents");
            await DialogAsync(page, "?", "Keys", width);
            await DialogAsync(page, "Control+k", "Find or do something", width, dialog => Expect(dialog.GetByRole(AriaRole.Option).First).ToBeVisibleAsync());
            await DialogAsync(page, "Control+k", "Find or do something", width, async dialog =>
            {
                await dialog.GetByRole(AriaRole.Combobox).FillAsync("xyzzy");
                await Expect(dialog.GetByRole(AriaRole.Status)).ToHaveTextAsync("Nothing matches.");
            });
            await DialogAsync(page, "c", "Report an incident", width);
            await GoAsync(visitor, $"/incidents/{incident}", "Checkout answers slowly");
            await DialogAsync(page, "e", "Edit title and description", width);
            if (width <= Browser.PhoneWidthMax)
            {
                await page.GetByRole(AriaRole.Tab, new() { Name = "Facts" }).ClickAsync();
                await Accessibility.CheckAsync(page, "facts on a phone");
            }

            await DialogAsync(page, "r", "Resolve incident", width);
            await GoAsync(visitor, "/services", "Services");
            await DialogAsync(page, "c", "Register a service", width);
            await GoAsync(visitor, "/bots", "Bots");
            await DialogAsync(page, "c", "Launch a bot", width);
            await GoAsync(visitor, $"/chat/{session}", "Checkout is slow since 14:02. What do I look at first?");
            await DetailsAsync(page, width, $"{colors.ToString().ToLowerInvariant()}-{width}");
            await GoAsync(visitor, "/nowhere", "There is no such page.");
            await Accessibility.CheckAsync(page, $"no such page at {width}");
            await page.GotoAsync($"/incidents/{Guid.CreateVersion7()}");
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no such incident.");
            await Accessibility.CheckAsync(page, $"no such incident at {width}");
        }
    }

    // Closed until they are asked for: beside the conversation on a laptop, over it on a phone.
    private static async Task DetailsAsync(IPage page, int width, string shot)
    {
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Reply of Ada" })).ToHaveAttributeAsync("data-status", "complete");
        var details = width > Browser.PhoneWidthMax ? page.GetByRole(AriaRole.Complementary, new() { Name = "Details" }) : page.GetByRole(AriaRole.Dialog, new() { Name = "Chat" });
        await Expect(details).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("d");
        await Expect(details).ToContainTextAsync("2 messages");
        await Expect(details).ToContainTextAsync("simulated");
        await Accessibility.CheckAsync(page, $"details of a chat at {width}");
        await PageShots.KeepAsync(page, $"chat-details-{shot}");
        await page.Keyboard.PressAsync(width > Browser.PhoneWidthMax ? "d" : "Escape");
        await Expect(details).ToBeHiddenAsync();
    }

    // Until its part of the program has come a page has no keys.
    private static async Task GoAsync(WarroomPage visitor, string path, string heading)
    {
        await visitor.GoAsync(path);
        await Expect(Heading(visitor.Page, heading)).ToBeVisibleAsync();
    }

    private static async Task DialogAsync(IPage page, string key, string name, int width, Func<ILocator, Task>? prepare = null)
    {
        await page.Keyboard.PressAsync(key);
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = name, Exact = true });
        await Expect(dialog).ToBeVisibleAsync();
        if (prepare is not null)
        {
            await prepare(dialog);
        }

        // What axe-core calls a contrast is that of the moment: the dialog has faded in.
        await Expect(dialog).ToHaveCSSAsync("opacity", "1");
        await Accessibility.CheckAsync(page, $"dialog {name} at {width}");
        if (width <= Browser.PhoneWidthMax)
        {
            await Accessibility.CheckTouchAsync(page, $"dialog {name}");
        }

        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
    }

    private static ILocator Heading(IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1 });

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
