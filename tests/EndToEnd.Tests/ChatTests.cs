using System.Text.RegularExpressions;

using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>Chat with a bot as two people see it who look at the same conversation.</summary>
public sealed partial class ChatTests : IAsyncLifetime
{
    // Notes every text of the reply that the page ever shows.
    private const string Watch = """
        article => {
          window.shownReplies = [];
          const note = () => window.shownReplies.push(article.textContent);
          new MutationObserver(note).observe(article, { subtree: true, childList: true, characterData: true });
          note();
        }
        """;

    private WarroomStack _stack = null!;
    private Browser _browser = null!;
    private WarroomApi _api = null!;

    public async ValueTask InitializeAsync()
    {
        _stack = await WarroomStack.StartAsync();
        _browser = await Browser.StartAsync();
        _api = new WarroomApi(_stack.Frontend.Http);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _stack.DisposeAsync();
    }

    [Fact]
    public async Task Reply_grows_token_by_token_and_somebody_who_comes_in_between_sees_the_same()
    {
        var text = string.Concat(Enumerable.Range(1, 120).Select(number => $"word{number} ")) + "end";
        await _stack.SetModelAsync(new { reply = text, tokensPerSecond = 30, firstTokenDelayMs = 100 });
        var bot = await _api.LaunchBotAsync("Ada");
        await using var asker = await _browser.OpenAsync(_stack.Frontend.Address);
        await using var colleague = await _browser.OpenAsync(_stack.Frontend.Address, ColorScheme.Dark, width: 400, height: 800);

        await asker.GoAsync($"/chat?bot={bot}");
        await asker.Page.GetByRole(AriaRole.Textbox, new() { Name = "Message" }).FillAsync("What is wrong with checkout?");
        await asker.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        var reply = Reply(asker);
        await Expect(reply).ToContainTextAsync("word1 ");
        await reply.EvaluateAsync(Watch);
        await Expect(asker.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" })).ToBeVisibleAsync();
        await colleague.GoAsync(new Uri(asker.Page.Url).AbsolutePath);
        await Expect(Reply(colleague)).ToHaveAttributeAsync("data-status", "streaming");

        await Expect(reply).ToHaveAttributeAsync("data-status", "complete");
        await Expect(Reply(colleague)).ToHaveAttributeAsync("data-status", "complete");
        await Expect(reply).ToContainTextAsync(text);
        await Expect(Reply(colleague)).ToContainTextAsync(text);
        await Expect(reply).ToContainTextAsync("simulated");

        var shown = (await asker.Page.EvaluateAsync<string[]>("window.shownReplies")).Select(WordsOf).ToList();
        Assert.All(shown, words => Assert.Equal(Enumerable.Range(1, words.Count), words));
        var lengths = shown.ConvertAll(words => words.Count);
        Assert.Equal(lengths.Order(), lengths);
        Assert.True(lengths.Distinct().Count() > 30, $"The reply came in {lengths.Distinct().Count()} pieces only.");
    }

    [Fact]
    public async Task Reply_can_be_stopped_and_made_again()
    {
        await _stack.SetModelAsync(new { reply = string.Concat(Enumerable.Range(1, 2000).Select(number => $"word{number} ")), tokensPerSecond = 30, firstTokenDelayMs = 0 });
        var session = await _api.StartSessionAsync(await _api.LaunchBotAsync("Ada"));
        await using var person = await _browser.OpenAsync(_stack.Frontend.Address);
        await person.GoAsync($"/chat/{session}");
        await _api.SendMessageAsync(session, "Tell me everything.");
        await Expect(Reply(person)).ToContainTextAsync("word5 ");

        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(Reply(person)).ToHaveAttributeAsync("data-status", "stopped");
        await Expect(Reply(person)).ToContainTextAsync("word5 ");
        await _stack.SetModelAsync(new { reply = "Another answer.", tokensPerSecond = 0 });
        await Reply(person).GetByRole(AriaRole.Button, new() { Name = "Regenerate" }).ClickAsync();

        await Expect(Reply(person)).ToHaveAttributeAsync("data-status", "complete");
        await Expect(Reply(person)).ToContainTextAsync("Another answer.");
    }

    [Fact]
    public async Task Model_that_is_down_is_said_plainly_and_the_message_can_be_sent_again()
    {
        await _stack.Model.KillAsync();
        var session = await _api.StartSessionAsync(await _api.LaunchBotAsync("Ada"));
        await using var person = await _browser.OpenAsync(_stack.Frontend.Address);
        await person.GoAsync($"/chat/{session}");
        await person.Page.GetByRole(AriaRole.Textbox, new() { Name = "Message" }).FillAsync("Are you there?");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Expect(Reply(person)).ToContainTextAsync("Ollama temporarily unavailable.");
        await _stack.Model.StartAgainAsync();
        await _stack.SetModelAsync(new { reply = "I am here.", tokensPerSecond = 0 });
        await Reply(person).GetByRole(AriaRole.Button, new() { Name = "Send again" }).ClickAsync();

        await Expect(Reply(person)).ToContainTextAsync("I am here.");
        await Expect(person.Page.GetByRole(AriaRole.Article, new() { Name = "Message of responder" })).ToHaveCountAsync(1);
    }

    private static ILocator Reply(WarroomPage page) => page.Page.GetByRole(AriaRole.Article, new() { Name = "Reply of Ada" });

    private static List<int> WordsOf(string text) => [.. Word().Matches(text).Select(word => int.Parse(word.Groups["number"].Value))];

    // Only whole words: the last one may still be growing.
    [GeneratedRegex(@"word(?<number>\d+)\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
