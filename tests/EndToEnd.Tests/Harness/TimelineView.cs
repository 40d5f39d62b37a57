using System.Text.Json;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd.Harness;

/// <summary>The timeline as somebody at a page sees it. The page keeps only the rows in view, so reading all of it means scrolling through it.</summary>
public sealed class TimelineView(IPage page)
{
    private const string ScrollThrough = """
        async feed => {
          const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
          const shown = new Map();
          const problems = [];
          const deadline = performance.now() + 30_000;
          // The page follows its end until somebody takes the wheel.
          const scrollTo = top => {
            feed.dispatchEvent(new WheelEvent('wheel', { bubbles: true, deltaY: top - feed.scrollTop }));
            feed.scrollTop = top;
          };
          scrollTo(0);
          for (;;) {
            do { await frame(); await frame(); } while (feed.querySelector('[aria-label$=", loading"]') !== null && performance.now() < deadline);
            let before = null;
            for (const article of feed.querySelectorAll('article[aria-posinset]')) {
              const seq = Number(article.getAttribute('aria-posinset'));
              const text = article.innerText;
              if (before !== null && seq !== before + 1) problems.push(`event ${seq} stands after event ${before}`);
              if (shown.has(seq) && shown.get(seq) !== text) problems.push(`event ${seq} changed from "${shown.get(seq)}" to "${text}"`);
              shown.set(seq, text);
              before = seq;
            }
            if (performance.now() > deadline) problems.push('the timeline did not load within 30 s');
            if (problems.length > 0 || feed.scrollTop + feed.clientHeight >= feed.scrollHeight - 2) break;
            scrollTo(feed.scrollTop + feed.clientHeight / 2);
          }
          return { problems, events: [...shown].sort((a, b) => a[0] - b[0]).map(([seq, text]) => ({ seq, text })) };
        }
        """;

    public ILocator Feed => page.GetByRole(AriaRole.Feed, new() { Name = "Timeline" });

    public ILocator Event(long seq) => page.GetByRole(AriaRole.Article, new() { Name = $"Event {seq}", Exact = true });

    /// <summary>Waits until the page shows an event as the last one, as a page does that follows its timeline.</summary>
    public async Task ExpectLastAsync(long seq)
    {
        await Expect(Feed).ToHaveAttributeAsync("data-last", $"{seq}");
        await Expect(Event(seq)).ToBeVisibleAsync();
    }

    /// <summary>Scrolls through all of it and returns the text of every event shown, in order of their numbers.</summary>
    /// <exception cref="InvalidOperationException">Events stood in another order than their numbers, or one changed.</exception>
    public async Task<IReadOnlyList<(long Seq, string Text)>> ReadAsync()
    {
        var read = await Feed.EvaluateAsync<JsonElement>(ScrollThrough);
        var problems = read.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).ToList();
        return problems.Count == 0
            ? [.. read.GetProperty("events").EnumerateArray().Select(shown => (shown.GetProperty("seq").GetInt64(), shown.GetProperty("text").GetString()!))]
            : throw new InvalidOperationException(string.Join("; ", problems));
    }
}
