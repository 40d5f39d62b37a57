using System.Text.Json;

using Microsoft.Playwright;

using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>What axe-core finds in a page as it is, and what is too small for a finger.</summary>
internal static class Accessibility
{
    private const string RunAxe = """
        async () => {
          const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
          return violations.flatMap(rule => rule.nodes.map(node => `${rule.impact} ${rule.id} (${rule.help}): ${node.target.join(' ')} ${node.html.slice(0, 200)}: ${node.failureSummary}`));
        }
        """;

    // Links in running text are as high as the text (WCAG 2.5.8 excepts them); what is hidden until it has the focus is not for fingers.
    private const string SmallTargets = """
        () => [...document.querySelectorAll('button, a[href], select, textarea, input:not([type=checkbox], [type=radio]), [role=tab], [role=option], .mantine-Chip-label, .mantine-SegmentedControl-label')]
          .filter(target => !target.closest('p, time, dd, article, [data-inline-links]') || target.tagName !== 'A')
          .filter(target => target.type !== 'hidden' && target.checkVisibility({ visibilityProperty: true }))
          .map(target => {
            // A field among pills is as large as the frame around both.
            const box = (target.closest('.mantine-Input-input') ?? target).getBoundingClientRect();
            // A link may cover its whole row by a pseudo-element.
            const cover = getComputedStyle(target, '::after');
            const row = cover.position === 'absolute' && cover.content !== 'none' ? target.closest('tr, li')?.getBoundingClientRect() : undefined;
            return { name: target.getAttribute('aria-label') ?? target.textContent, left: box.left, right: box.right, width: Math.max(box.width, row?.width ?? 0), height: Math.max(box.height, row?.height ?? 0) };
          })
          .filter(({ left, right, width, height }) => right > 0 && left < innerWidth && width > 1 && (height < 39.5 || width < 39.5))
          .map(({ name, width, height }) => `"${name}" is ${Math.round(width)} x ${Math.round(height)}`)
        """;

    private static readonly Lazy<string> AxeCore = new(() => File.ReadAllText(Path.Combine(Repository.Root, "src", "Frontend", "web", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>Holds the page as it is against all rules of axe-core.</summary>
    public static async Task CheckAsync(IPage page, string state)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
        {
            await page.EvaluateAsync(AxeCore.Value);
        }

        var violations = await page.EvaluateAsync<JsonElement>(RunAxe);
        Assert.True(violations.GetArrayLength() == 0, $"{state}:{Environment.NewLine}{string.Join(Environment.NewLine, violations.EnumerateArray().Take(10).Select(violation => violation.GetString()))}");
    }

    /// <summary>Holds what can be pressed against the 40 pixels that a finger needs.</summary>
    public static async Task CheckTouchAsync(IPage page, string state)
    {
        var small = await page.EvaluateAsync<string[]>(SmallTargets);
        Assert.True(small.Length == 0, $"{state}, too small for a finger:{Environment.NewLine}{string.Join(Environment.NewLine, small)}");
    }
}
