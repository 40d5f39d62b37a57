using System.Diagnostics;
using System.Text.Json.Nodes;

using Microsoft.Playwright;

using Warroom.EndToEnd.Checking;
using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>What was acknowledged outlives a SIGKILL: once, in order, at its number.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Acknowledged_posts_survive_kills_of_the_process_during_a_burst_and_open_pages_catch_up_by_themselves()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var opening = Guid.CreateVersion7();
        var incident = await api.OpenIncidentAsync("Checkout is slow", "high", operationId: opening);
        await using var browser = await Browser.StartAsync();
        await using var laptop = await browser.OpenAsync(stack.Frontend.Address);
        await using var phone = await browser.OpenAsync(stack.Frontend.Address, ColorScheme.Dark, width: 400, height: 800);
        TimelineView[] views = [new(laptop.Page), new(phone.Page)];
        foreach (var (page, view) in new[] { laptop, phone }.Zip(views))
        {
            await page.Page.GotoAsync($"/incidents/{incident}");
            await view.ExpectLastAsync(1);
        }

        var crew = new PostingCrew(api, incident);
        var posting = crew.PostAsync(writers: 8, postsEach: 100);
        foreach (var acknowledged in (int[])[100, 300, 500])
        {
            await Eventually.HoldsAsync($"{acknowledged} acknowledged posts", () => crew.Acknowledged >= acknowledged || posting.IsFaulted);
            await stack.Frontend.KillAsync();
            await stack.Frontend.StartAgainAsync();
        }

        await Eventually.CompletesAsync("all posts to be acknowledged", posting);

        // Without one post cut off in flight this run would have shown nothing.
        Assert.True(crew.Resends > 0, "No post was in flight at any of the kills.");
        var log = await api.TimelineAsync(incident);
        Assert.Empty(TimelineChecker.Check(incident, log, crew.Operations, new HashSet<Guid> { opening }));
        foreach (var view in views)
        {
            await view.ExpectLastAsync(log.Count);
            await AssertShowsAsync(view, log);
        }
    }

    [Fact]
    public async Task Acknowledged_posts_survive_kills_of_the_database_during_a_burst()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var opening = Guid.CreateVersion7();
        var incident = await api.OpenIncidentAsync("Checkout is slow", "high", operationId: opening);
        var crew = new PostingCrew(api, incident);

        var posting = crew.PostAsync(writers: 8, postsEach: 100);
        var outages = new List<long>();
        foreach (var acknowledged in (int[])[100, 400])
        {
            await Eventually.HoldsAsync($"{acknowledged} acknowledged posts", () => crew.Acknowledged >= acknowledged || posting.IsFaulted);
            await stack.Postgres.KillAsync();
            outages.Add(Stopwatch.GetTimestamp());
            await stack.Postgres.StartAgainAsync();
        }

        await Eventually.CompletesAsync("all posts to be acknowledged", posting);

        // Warroom tries again by itself, so that clients need not see an outage. But posts must have been under way while there was no database: else this run would have shown nothing.
        Assert.All(outages, dead => Assert.Contains(crew.Operations, post => post.InvokedAt < dead && post.ReturnedAt > dead));
        Assert.Empty(TimelineChecker.Check(incident, await api.TimelineAsync(incident), crew.Operations, new HashSet<Guid> { opening }));
    }

    [Fact]
    public async Task Reply_cut_by_a_kill_of_the_process_keeps_a_prefix_says_so_and_can_be_continued_on_the_open_page()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var text = string.Concat(Enumerable.Range(1, 400).Select(number => $"word{number} "));
        await stack.SetModelAsync(new { reply = text, tokensPerSecond = 40, firstTokenDelayMs = 0 });
        var session = await api.StartSessionAsync(await api.LaunchBotAsync("Ada"));
        await using var browser = await Browser.StartAsync();
        await using var person = await browser.OpenAsync(stack.Frontend.Address);
        await person.GoAsync($"/chat/{session}");
        await api.SendMessageAsync(session, "What is wrong with checkout?");
        var reply = person.Page.GetByRole(AriaRole.Article, new() { Name = "Reply of Ada" });
        await Expect(reply).ToContainTextAsync("word40 ");

        await stack.Frontend.KillAsync();
        await stack.Frontend.StartAgainAsync();

        // The page that was open all the time comes back by itself.
        await Expect(reply).ToContainTextAsync("The reply was cut off. What had come is kept.");
        var cut = (await api.MessagesAsync(session))[^1]!;
        var kept = cut["text"]!.GetValue<string>();
        Assert.Equal("interrupted", cut["status"]!.GetValue<string>());
        Assert.NotEqual("", kept);
        Assert.True(kept.Length < text.Length, "The whole reply was there before the kill: nothing was cut.");
        Assert.StartsWith(kept, text, StringComparison.Ordinal);

        await stack.SetModelAsync(new { tokensPerSecond = 0 });
        await reply.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(reply).ToHaveAttributeAsync("data-status", "complete");
        var messages = await api.MessagesAsync(session);
        Assert.Equal(2, messages.Count);
        Assert.Equal(text, messages[1]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task Reply_cut_by_a_kill_of_the_process_is_interrupted_also_when_nobody_looks_at_its_session()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        await stack.SetModelAsync(new { reply = string.Concat(Enumerable.Range(1, 400).Select(number => $"word{number} ")), tokensPerSecond = 40, firstTokenDelayMs = 0 });
        var session = await api.StartSessionAsync(await api.LaunchBotAsync("Ada"));
        await api.SendMessageAsync(session, "What is wrong with checkout?");
        Assert.Equal("streaming", (await api.MessagesAsync(session))[^1]!["status"]!.GetValue<string>());

        await stack.Frontend.KillAsync();
        await stack.Frontend.StartAgainAsync();

        // The list of messages is SQL: it activates nothing.
        await Eventually.HoldsAsync("the reply to be marked as interrupted", async () => (await api.MessagesAsync(session))[^1]!["status"]!.GetValue<string>() == "interrupted");
    }

    // The promise ends at the screen: every event once, at its number, with its text.
    private static async Task AssertShowsAsync(TimelineView view, IReadOnlyList<LogEntry> log)
    {
        var shown = await view.ReadAsync();
        Assert.Equal(log.Select(entry => entry.Seq), shown.Select(entry => entry.Seq));
        foreach (var (entry, (_, text)) in log.Zip(shown))
        {
            if (JsonNode.Parse(entry.Body)!["text"]?.GetValue<string>() is { } posted)
            {
                Assert.Contains(posted, text, StringComparison.Ordinal);
            }
        }
    }
}
