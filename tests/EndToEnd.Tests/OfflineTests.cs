using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>The page while nothing answers: it opens as it was seen last, says so, and goes on by itself.</summary>
public sealed class OfflineTests
{
    // Asks for no version: that of a database which is not there yet would be made here, without its table.
    private const string Kept = """
        async () => {
          if (!(await indexedDB.databases()).some(each => each.name === 'warroom')) return [];
          const done = request => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
          const database = await done(indexedDB.open('warroom'));
          try { return await done(database.transaction('seen').objectStore('seen').getAllKeys()); } finally { database.close(); }
        }
        """;

    [Fact]
    public async Task Page_opens_as_it_was_seen_last_while_nothing_answers_and_goes_on_by_itself()
    {
        await using var stack = await WarroomStack.StartAsync();
        await using var browser = await Browser.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var incident = await api.OpenIncidentAsync("Checkout answers slowly", "high");
        await api.PostAsync(incident, Guid.CreateVersion7(), "I am rolling back.");
        await stack.SetModelAsync(new { reply = "Look at the deployments.", tokensPerSecond = 0, firstTokenDelayMs = 0 });
        var session = await api.StartSessionAsync(await api.LaunchBotAsync("Ada"));
        await api.SendMessageAsync(session, "Where do I look?");

        await using var person = await browser.OpenAsync(stack.Frontend.Address, opensOffline: true);
        var page = person.Page;
        var note = page.GetByRole(AriaRole.Status, new() { Name = "Last seen state" });
        var timeline = new TimelineView(page);
        await person.GoAsync("/");
        await Expect(page.GetByText("Checkout answers slowly")).ToBeVisibleAsync();
        await Expect(note).ToBeHiddenAsync();
        await KeptAsync(page, "query:[\"incidents\"");
        await person.GoAsync($"/chat/{session}");
        await Expect(page.GetByText("Look at the deployments.")).ToBeVisibleAsync();
        await KeptAsync(page, $"session:{session}");
        await person.GoAsync($"/incidents/{incident}");
        await timeline.ExpectLastAsync(2);
        await KeptAsync(page, $"incident:{incident}");
        await page.EvaluateAsync("navigator.serviceWorker.ready.then(() => null)");
        await stack.Frontend.KillAsync();

        await page.GotoAsync($"/incidents/{incident}");
        await Expect(timeline.Feed).ToContainTextAsync("I am rolling back.");
        await Expect(note).ToContainTextAsync("as you last saw it");
        await Expect(page.GetByTestId("connection")).ToContainTextAsync("Reconnecting");
        await Accessibility.CheckAsync(page, "a war-room while nothing answers");
        await PageShots.KeepAsync(page, "war-room-last-seen-light-1440");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Write to the timeline" }).FillAsync("Written while nothing answered.");
        await page.Keyboard.PressAsync("Enter");
        await Expect(timeline.Feed).ToContainTextAsync("Waiting for the connection");

        // Only the page's own files are kept: what the server says is asked of the server or of nobody.
        Assert.False(await page.EvaluateAsync<bool>("fetch('/api/incidents').then(() => true, () => false)"));
        await page.GotoAsync($"/chat/{session}");
        await Expect(page.GetByText("Look at the deployments.")).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Expect(page.GetByText("Checkout answers slowly")).ToBeVisibleAsync();
        await Expect(note).ToBeVisibleAsync();

        await stack.Frontend.StartAgainAsync();
        await person.ExpectLiveAsync();
        await Expect(note).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeHiddenAsync();
        await Eventually.HoldsAsync("the post to arrive", async () => (await api.TimelineAsync(incident)).Count == 3);
    }

    private static Task KeptAsync(IPage page, string key) =>
        Eventually.HoldsAsync($"{key} to be kept", async () => (await page.EvaluateAsync<string[]>(Kept)).Any(kept => kept.StartsWith(key, StringComparison.Ordinal)));
}
