using System.Collections.Concurrent;

using Microsoft.Playwright;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// One person's page. It notes what must not happen on any page (a script error, a request that leaves the origin), and disposing it after a
/// test that passed asserts that none did; after one that failed it leaves a picture and those notes in TestResults.
/// </summary>
public sealed class WarroomPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<string> _console = new();

    internal WarroomPage(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => _problems.Enqueue($"script error: {error}");
        page.Console += (_, message) => _console.Enqueue($"{message.Type}: {message.Text}");
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var target)
                && target.Scheme is "http" or "https" or "ws" or "wss"
                && !string.Equals(target.Authority, address.Authority, StringComparison.Ordinal))
            {
                _problems.Enqueue($"request to another origin: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Opens a place of the page and waits until it is connected.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await ExpectLiveAsync();
    }

    /// <summary>Waits until the page says that it is live.</summary>
    public Task ExpectLiveAsync() => Assertions.Expect(Page.GetByRole(AriaRole.Status, new() { Name = "Connection: Live", Exact = true })).ToBeVisibleAsync();

    public async ValueTask DisposeAsync()
    {
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        if (failed)
        {
            var name = string.Concat((TestContext.Current.Test?.TestDisplayName ?? "page").Select(letter => char.IsLetterOrDigit(letter) ? letter : '_'));
            var file = Path.Combine(Binaries.Results, $"{name}-{Guid.NewGuid():N}"[..^24]);
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = $"{file}.png", FullPage = true });
            await File.WriteAllLinesAsync($"{file}.txt", [Page.Url, .. _problems, .. _console]);
        }

        await _context.CloseAsync();
        if (!failed)
        {
            Assert.Empty(_problems);
        }
    }
}
