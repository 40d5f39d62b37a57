using Microsoft.Playwright;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// The Chromium that the machine has, headless. Playwright's own browsers are never downloaded: <c>WARROOM_CHROMIUM</c> names another
/// executable than Debian's.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>The widest screen that is a phone's: pressed with fingers.</summary>
    public const int PhoneWidthMax = 700;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;

    private Browser(IPlaywright playwright, IBrowser chromium)
    {
        _playwright = playwright;
        _chromium = chromium;
    }

    public static async Task<Browser> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Testing.Eventually.Timeout.TotalMilliseconds);
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("WARROOM_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Browser(playwright, chromium);
    }

    /// <summary>Opens an empty page with its own cookies and storage, as another person's browser would.</summary>
    /// <param name="opensOffline">Whether its service worker is let in. Elsewhere it is not: it would fetch all files again for each of many visitors.</param>
    public async Task<WarroomPage> OpenAsync(Uri address, ColorScheme colors = ColorScheme.Light, int width = 1440, int height = 900, bool opensOffline = false)
    {
        var context = await _chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ColorScheme = colors,
            ServiceWorkers = opensOffline ? ServiceWorkerPolicy.Allow : ServiceWorkerPolicy.Block,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            HasTouch = width <= PhoneWidthMax,
            IsMobile = width <= PhoneWidthMax,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "UTC",
            Locale = "en-GB",
        });
        context.SetDefaultTimeout((float)Testing.Eventually.Timeout.TotalMilliseconds);
        return new WarroomPage(context, await context.NewPageAsync(), address);
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.CloseAsync();
        _playwright.Dispose();
    }
}
