using System.Collections.Concurrent;

using Microsoft.Playwright;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// One person's page. It notes what must not happen on any page (a script error, a request that leaves the origin), and disposing it
/// asserts that none did. A picture of how it was left, its notes and its console go to TestResults.
/// </summary>
public sealed class WarroomPage : IAsyncDisposable
{
    private static int _lastPage;
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
    public Task ExpectLiveAsync() => ExpectConnectionAsync("Live");

    /// <summary>Waits until the page says that about its connection, leaving out how long.</summary>
    public Task ExpectConnectionAsync(string words, TimeSpan? within = null) =>
        Assertions.Expect(Page.GetByRole(AriaRole.Status, new() { Name = $"Connection: {words}", Exact = true })).ToBeVisibleAsync(new() { Timeout = (float?)within?.TotalMilliseconds });

    public async ValueTask DisposeAsync()
    {
        // Whether the test failed is not known yet, so what it left behind is always kept.
        var name = string.Concat((TestContext.Current.Test?.TestDisplayName ?? "page").Split('.')[^1].Select(letter => char.IsLetterOrDigit(letter) ? letter : '_'));
        var file = Path.Combine(Binaries.Results, $"{name}-{Interlocked.Increment(ref _lastPage)}");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = $"{file}.png" });
        await File.WriteAllLinesAsync($"{file}.txt", [Page.Url, .. _problems, .. _console]);
        await _context.CloseAsync();
        Assert.Empty(_problems);
    }
}
