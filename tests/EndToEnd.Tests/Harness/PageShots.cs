using Microsoft.Playwright;

using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>A state of the page, light and dark, on a laptop and on a phone: it fits, axe-core finds nothing, a finger hits everything, and with <c>WARROOM_SCREENSHOTS</c> set a picture of it goes to docs/screenshots.</summary>
internal static class PageShots
{
    private static readonly bool TakesPictures = Environment.GetEnvironmentVariable("WARROOM_SCREENSHOTS") is { Length: > 0 };

    /// <summary>Visits a place four times, and holds it against the screen's width, the rules of axe-core and the size of a finger.</summary>
    public static async Task TakeAsync(Browser browser, Uri address, string name, string path, Func<IPage, Task> settled)
    {
        foreach (var colors in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var (width, height) in ((int, int)[])[(1440, 900), (400, 800)])
            {
                await using var visitor = await browser.OpenAsync(address, colors, width, height);
                await visitor.GoAsync(path);
                await settled(visitor.Page);
                var wide = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{name} is {wide} pixels wide on a screen of {width}.");

                // Each colour and each width once: what axe-core finds in one of them it finds in the other as well, and it is slow.
                if (colors == ColorScheme.Light == width > Browser.PhoneWidthMax)
                {
                    await Accessibility.CheckAsync(visitor.Page, $"{name} {colors} {width}");
                }

                if (width <= Browser.PhoneWidthMax && colors == ColorScheme.Light)
                {
                    await Accessibility.CheckTouchAsync(visitor.Page, name);
                }

                await KeepAsync(visitor.Page, $"{name}-{colors.ToString().ToLowerInvariant()}-{width}");
            }
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
