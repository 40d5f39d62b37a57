using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>The harness itself: without it every other test here would fail for a reason that says nothing about Warroom.</summary>
public sealed class BrowserHarnessTests
{
    private const string Body = "<!doctype html><title>x</title><h1></h1><script>document.querySelector('h1').textContent = `2 + 2 = ${2 + 2}`</script>";

    [Fact]
    public async Task Chromium_opens_a_page_and_runs_its_script()
    {
        await using var browser = await Browser.StartAsync();
        await using var someone = await browser.OpenAsync(new Uri("http://127.0.0.1/"));
        await someone.Page.RouteAsync("**/*", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = Body }));

        await someone.Page.GotoAsync("/");

        await Expect(someone.Page.GetByRole(AriaRole.Heading, new() { Name = "2 + 2 = 4" })).ToBeVisibleAsync();
    }
}
