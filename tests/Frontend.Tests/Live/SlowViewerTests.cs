using System.Diagnostics;
using Warroom.Frontend.Tests.Support;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

/// <summary>A viewer that stops reading costs bounded memory and nobody else's time.</summary>
public sealed class SlowViewerTests
{
    [Fact]
    public async Task Viewer_that_stops_reading_is_told_that_it_is_behind_and_catches_up_while_others_go_on()
    {
        await using var warroom = await WarroomProcess.StartAsync("--Live:DrainTimeout=00:05:00");
        var id = await warroom.Http.OpenIncidentAsync();
        await using var quick = await TimelineViewer.WatchAsync(warroom.Address, id);
        await using var slow = await TimelineViewer.WatchAsync(warroom.Address, id);
        slow.Hub.Pause();

        // Until it is more than the sockets' buffers and the outbox hold together.
        var text = new string('x', 9_900);
        var last = 1L;
        var overflowed = false;
        for (var round = 0; round < 200 && !overflowed; round++)
        {
            last = (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => warroom.Http.PostEntryAsync(id, text)))).Max();
            var started = Stopwatch.GetTimestamp();
            await quick.HasAsync(last);
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), "The quick viewer waited for the slow one.");
            overflowed = (await warroom.Http.GetAnswerAsync("metrics")).Text.Split('\n').Any(line => line.StartsWith("warroom_live_outbox_overflows_total ", StringComparison.Ordinal));
        }

        Assert.True(overflowed, "The slow viewer's outbox never overflowed: what waits for it is not bounded.");
        Assert.Equal((0, 0), (quick.Gaps, quick.TimesBehind));
        Assert.True(slow.Events.Count < last, "The slow viewer was not slow.");
        slow.Hub.Resume();
        last = await warroom.Http.PostEntryAsync(id, "after it woke up");
        await slow.HasAsync(last);
        await quick.HasAsync(last);
        Assert.True(slow.TimesBehind > 0, "The slow viewer was not told.");
        Assert.Equal(quick.Events, slow.Events);
    }

    [Fact]
    public async Task Viewer_that_never_reads_again_is_closed()
    {
        await using var warroom = await WarroomProcess.StartAsync("--Live:OutboxBytesMax=65536", "--Live:DrainTimeout=00:00:00.200");
        var id = await warroom.Http.OpenIncidentAsync();
        await using var slow = await TimelineViewer.WatchAsync(warroom.Address, id);
        slow.Hub.Pause();
        var text = new string('x', 9_900);
        for (var round = 0; round < 40 && !await AbortedAsync(warroom); round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => warroom.Http.PostEntryAsync(id, text)));
        }

        await Eventually.HoldsAsync("the connection to be closed", () => AbortedAsync(warroom));
        slow.Hub.Resume();
        await Eventually.CompletesAsync("the connection to end", slow.Hub.Ended);
    }

    private static async Task<bool> AbortedAsync(WarroomProcess warroom) =>
        (await warroom.Http.GetAnswerAsync("metrics")).Text.Split('\n').Any(line => line.StartsWith("warroom_live_outbox_aborts_total ", StringComparison.Ordinal));
}
