using Microsoft.Playwright;

using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>A state of the page, light and dark, on a laptop and on a phone: it fits, axe-core finds nothing, a finger hits everything, and with <c>WARROOM_SCREENSHOTS</c> set a picture of it goes to docs/screenshots.</summary>
internal static class PageShots
{
    private static readonly bool TakesPictures = Environment.GetEnvironmentVariable("WARROOM_SCREENSHOTS") is { Length: > 0 };

    /// <summary>Visits places in both schemes and widths, and holds each against the screen's width, the rules of axe-core and the size of a finger.</summary>
    public static async Task TakeAsync(Browser browser, Uri address, params (string Name, string Path, Func<IPage, Task> Settled)[] places)
    {
        foreach (var colors in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var (width, height) in ((int, int)[])[(1440, 900), (400, 800)])
            {
                await using var visitor = await browser.OpenAsync(address, colors, width, height);
                foreach (var (name, path, settled) in places)
                {
                    await visitor.GoAsync(path);
                    await settled(visitor.Page);
                    await CheckAsync(visitor.Page, name, colors, width);
                    await KeepAsync(visitor.Page, $"{name}-{colors.ToString().ToLowerInvariant()}-{width}");
                }
            }
        }
    }

    private static async Task CheckAsync(IPage page, string name, ColorScheme colors, int width)
    {
        var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(wide <= width, $"{name} is {wide} pixels wide on a screen of {width}.");

        // Each scheme and each width once: what axe-core finds in one of them it finds in the other as well, and it is slow.
        var isPhone = width <= Browser.PhoneWidthMax;
        if (colors == ColorScheme.Dark == isPhone)
        {
            await Accessibility.CheckAsync(page, $"{name} {colors} {width}");
        }

        if (isPhone && colors == ColorScheme.Light)
        {
            await Accessibility.CheckTouchAsync(page, name);
        }
    }

    /// <summary>Keeps a picture of the page as it is.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        if (TakesPictures)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "screenshots", $"{name}.png") });
        }
    }
}
