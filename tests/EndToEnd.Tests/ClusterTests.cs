using System.Net.Http;

using Microsoft.Playwright;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

using static Microsoft.Playwright.Assertions;

namespace Warroom.EndToEnd;

/// <summary>Three silos and two front ends as real processes: what an operator sees and does at the page, while a war-room is open at the other front end.</summary>
public sealed class ClusterTests
{
    private static readonly TimeSpan LeaseAndMore = TimeSpan.FromSeconds(20);

    /// <summary>Pages hear of a silence after 2 to 3.5 s; the rest is for a busy machine.</summary>
    private static readonly TimeSpan SilenceAndMore = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Operator_sees_a_killed_silo_and_drains_another_while_a_war_room_goes_on()
    {
        await using var stack = await ClusterStack.StartAsync(silos: 3);
        await using var browser = await Browser.StartAsync();
        var api = new WarroomApi(stack.Frontends[1].Http);
        var incidents = new List<Guid>();
        for (var number = 0; number < 30; number++)
        {
            incidents.Add(await api.OpenIncidentAsync($"Incident {number}", "low"));
        }

        await using var room = await browser.OpenAsync(stack.Frontends[0].Address, ColorScheme.Dark);
        await room.GoAsync($"/incidents/{incidents[0]}");
        await using var operating = await browser.OpenAsync(stack.Frontends[1].Address);
        await operating.GoAsync("/cluster");
        var page = operating.Page;
        await Expect(page.GetByTestId("cluster-totals")).ToContainTextAsync("3 silos active");
        await Expect(page.GetByTestId("cluster-totals")).ToContainTextAsync("30 grains in memory");
        await PageShots.TakeAsync(browser, stack.Frontends[1].Address, ("cluster-three", "/cluster", shot => Expect(shot.GetByTestId("cluster-totals")).ToContainTextAsync("3 silos active")));

        // Killed: its grains answer elsewhere when its lease has run out, and nothing that was acknowledged is lost.
        await stack.Silos["silo-2"].KillAsync();
        await Expect(page.GetByTestId("silo-silo-2")).ToContainTextAsync("Silent");
        await Expect(page.GetByTestId("ended-silo-2")).ToContainTextAsync("Dead", new() { Timeout = (float)LeaseAndMore.TotalMilliseconds });
        foreach (var incident in incidents)
        {
            await PostUntilAcknowledgedAsync(api, incident, "after the kill", seq: 2);
        }

        await new TimelineView(room.Page).ExpectLastAsync(2);
        await room.ExpectLiveAsync();

        // Drained by keyboard, with what will happen said first; not one post fails meanwhile.
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("d");
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Drain silo-1?" });
        await Expect(dialog).ToContainTextAsync("Calls go on meanwhile and none fails.");
        await PageShots.KeepAsync(page, "cluster-drain-light-1440");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Drain silo-1 now" }).ClickAsync();
        var exit = stack.Silos["silo-1"].Process.WaitForExitAsync("after it was drained");
        var seq = 2L;
        do
        {
            foreach (var incident in incidents)
            {
                Assert.Equal(seq + 1, await api.PostAsync(incident, Guid.CreateVersion7(), "during the drain"));
            }

            seq++;
        }
        while (!exit.IsCompleted);
        Assert.Equal(0, await exit);
        await Expect(page.GetByTestId("ended-silo-1")).ToContainTextAsync("Stopped");
        await Expect(page.GetByTestId("ended-silo-1")).ToContainTextAsync("drained by responder");
        await Expect(page.GetByTestId("cluster-totals")).ToContainTextAsync("1 silo active");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "What operators did" })).ToContainTextAsync("done");
        await new TimelineView(room.Page).ExpectLastAsync(seq);
        await PageShots.TakeAsync(browser, stack.Frontends[1].Address, ("cluster-ended", "/cluster", shot => Expect(shot.GetByTestId("ended-silo-1")).ToBeVisibleAsync()));

        // Whoever wants to drain the last one is told what that means.
        await page.GetByRole(AriaRole.Button, new() { Name = "Drain silo-3", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("No other silo serves");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Drain silo-3 now" })).ToBeDisabledAsync();

        // Ended all the same: a page that only looks says so by itself, and when a silo answers again. It misses nothing.
        Assert.Equal(0, await stack.Silos["silo-3"].TerminateAsync());
        await room.ExpectConnectionAsync("No silo answers", SilenceAndMore);
        await PageShots.KeepAsync(room.Page, "no-silo-dark-1440");
        await stack.StartSiloAsync("silo-4");
        await room.ExpectLiveAsync();
        await operating.ExpectLiveAsync();
        await PostUntilAcknowledgedAsync(api, incidents[0], "after the outage", ++seq);
        await new TimelineView(room.Page).ExpectLastAsync(seq);
        foreach (var frontend in stack.Frontends)
        {
            Assert.Single(frontend.Log(), line => line.Contains("\"EventId\":4160,", StringComparison.Ordinal));
            Assert.Single(frontend.Log(), line => line.Contains("\"EventId\":4161,", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Silos_and_front_ends_are_restarted_one_after_another_while_a_war_room_goes_on()
    {
        await using var stack = await ClusterStack.StartAsync(silos: 3);
        await using var browser = await Browser.StartAsync();
        var incident = await new WarroomApi(stack.Frontends[0].Http).OpenIncidentAsync("Rolling", "low");
        await using var room = await browser.OpenAsync(stack.Frontends[0].Address);
        await room.GoAsync($"/incidents/{incident}");
        using var stop = new CancellationTokenSource();
        var posts = PostOnAsync(stack, incident, stop.Token);

        foreach (var name in (string[])["silo-1", "silo-2", "silo-3"])
        {
            await stack.StartSiloAsync($"{name}-new");
            Assert.Equal(0, await stack.Silos[name].TerminateAsync());
        }

        foreach (var frontend in stack.Frontends)
        {
            Assert.Equal(0, await frontend.TerminateAsync());
            await frontend.StartAgainAsync();
        }

        await stop.CancelAsync();
        var acknowledged = await posts;
        Assert.True(acknowledged > 20, $"Only {acknowledged} posts were acknowledged.");
        await room.ExpectLiveAsync();
        await new TimelineView(room.Page).ExpectLastAsync(acknowledged + 1);
        Assert.Equal(acknowledged + 1, (await new WarroomApi(stack.Frontends[0].Http).TimelineAsync(incident)).Count);
    }

    /// <summary>Posts without a pause, each until it is acknowledged by one front end or the other, as pages do; how many were.</summary>
    private static async Task<long> PostOnAsync(ClusterStack stack, Guid incident, CancellationToken cancellationToken)
    {
        var acknowledged = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            var operation = Guid.CreateVersion7();
            var attempt = 0;
            await Eventually.SucceedsAsync($"post {acknowledged + 1} to be acknowledged", async () => Assert.Equal(acknowledged + 2, await new WarroomApi(stack.Frontends[attempt++ % 2].Http).PostAsync(incident, operation, "x")));
            acknowledged++;
        }

        return acknowledged;
    }

    private static async Task PostUntilAcknowledgedAsync(WarroomApi api, Guid incident, string text, long seq)
    {
        var operation = Guid.CreateVersion7();
        await Eventually.SucceedsAsync("the post to be acknowledged", async () => Assert.Equal(seq, await api.PostAsync(incident, operation, text)));
    }
}
