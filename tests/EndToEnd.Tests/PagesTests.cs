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
        await VisitAsync(stack, browser, "not-found", "/nowhere", page => Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page." })).ToBeVisibleAsync());
        await VisitAsync(stack, browser, "war-room-none", $"/incidents/{Guid.CreateVersion7()}", page => Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no such incident."));
        await VisitAsync(stack, browser, "settings", "/settings", page => Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync());
    }

    [Fact]
    public async Task Dialogs_open_by_keyboard_and_pass_on_a_laptop_and_on_a_phone()
    {
        await using var stack = await WarroomStack.StartAsync();
        await using var browser = await Browser.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var incident = await api.OpenIncidentAsync("Checkout answers slowly", "high");
        var chat = await api.StartSessionAsync(await api.LaunchBotAsync("Ada"));
        await api.SendMessageAsync(chat, "Where do I look?");
        foreach (var (colors, width) in ((ColorScheme, int)[])[(ColorScheme.Light, 1440), (ColorScheme.Dark, 400)])
        {
            await using var visitor = await browser.OpenAsync(stack.Frontend.Address, colors, width, height: 800);
            await GoAsync(visitor, "/", "Incidents");
            await DialogAsync(visitor.Page, "?", "Keys", width);
            await DialogAsync(visitor.Page, "Control+k", "Find or do something", width, dialog => Expect(dialog.GetByRole(AriaRole.Option).First).ToBeVisibleAsync());
            await DialogAsync(visitor.Page, "Control+k", "Find or do something", width, async dialog =>
            {
                await dialog.GetByRole(AriaRole.Combobox).FillAsync("xyzzy");
                await Expect(dialog.GetByRole(AriaRole.Status)).ToHaveTextAsync("Nothing matches.");
            });
            await DialogAsync(visitor.Page, "c", "Report an incident", width);
            await GoAsync(visitor, $"/incidents/{incident}", "Checkout answers slowly");
            await DialogAsync(visitor.Page, "e", "Edit title and description", width);
            if (width <= Browser.PhoneWidthMax)
            {
                await visitor.Page.GetByRole(AriaRole.Tab, new() { Name = "Facts" }).ClickAsync();
                await Accessibility.CheckAsync(visitor.Page, "facts on a phone");
            }

            await DialogAsync(visitor.Page, "r", "Resolve incident", width);
            await GoAsync(visitor, "/services", "Services");
            await DialogAsync(visitor.Page, "c", "Register a service", width);
            await GoAsync(visitor, "/bots", "Bots");
            await DialogAsync(visitor.Page, "c", "Launch a bot", width);
            await GoAsync(visitor, $"/chat/{chat}", "Where do I look?");
            await DetailsAsync(visitor.Page, width, $"{colors.ToString().ToLowerInvariant()}-{width}");
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
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
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
