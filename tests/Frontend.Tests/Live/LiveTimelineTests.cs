using System.Text.Json;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Live;

public sealed class LiveTimelineTests(FrontendApp app)
{
    [Fact]
    public async Task Two_viewers_see_the_same_events_in_order()
    {
        var id = await app.OpenIncidentAsync();
        await using var one = await app.ConnectAsync("warroom");
        await using var two = await app.ConnectAsync("warroom", "ben");
        await one.CallAsync("Watch", id, 1);
        await two.CallAsync("Watch", id, 1);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => app.PostAsync(id, $"entry {n}")));
        await one.WaitAsync("51 events at the first viewer", received => Events(received).Count == 50);
        await two.WaitAsync("51 events at the second viewer", received => Events(received).Count == 50);

        Assert.Equal(Enumerable.Range(2, 50).Select(seq => (long)seq), Events(one.Received).Select(logged => logged.Seq));
        Assert.Equal(Events(one.Received), Events(two.Received));
    }

    [Fact]
    public async Task Watch_AfterSeq_GivesOnlyWhatIsMissing()
    {
        var id = await app.OpenIncidentAsync();
        await app.PostAsync(id, "two");
        await app.PostAsync(id, "three");
        await using var viewer = await app.ConnectAsync("warroom");

        var all = await viewer.CallAsync("Watch", id, 0);
        var rest = await viewer.CallAsync("Watch", id, 2);
        var none = await viewer.CallAsync("Watch", id, 3);

        Assert.Equal([1L, 2, 3], Seqs(all));
        Assert.Equal([3L], Seqs(rest));
        Assert.Empty(Seqs(none));
        Assert.Equal(3, none.GetProperty("incident").GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Watch_LongTimeline_IsPagedTo500()
    {
        var id = await app.OpenIncidentAsync();
        for (var round = 0; round < 6; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(n => app.PostAsync(id, $"entry {n}")));
        }

        await using var viewer = await app.ConnectAsync("warroom");
        var first = await viewer.CallAsync("Watch", id, 0);
        var second = await viewer.CallAsync("Watch", id, 500);

        Assert.Equal(Enumerable.Range(1, 500).Select(seq => (long)seq), Seqs(first));
        Assert.True(first.GetProperty("more").GetBoolean());
        Assert.Equal(Enumerable.Range(501, 101).Select(seq => (long)seq), Seqs(second));
        Assert.False(second.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Watch_UnknownIncident_IsRefusedWithItsCode()
    {
        await using var viewer = await app.ConnectAsync("warroom");

        var refusal = await Assert.ThrowsAsync<HubCallException>(() => viewer.CallAsync("Watch", Guid.CreateVersion7(), 0));

        Assert.Contains("HubException: incident.not_found: There is no incident", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_OnTheHub_IsAcknowledgedOnceAndCarriesTheActor()
    {
        var id = await app.OpenIncidentAsync();
        await using var viewer = await app.ConnectAsync("warroom", "Zo%C3%AB");
        await viewer.CallAsync("Watch", id, 1);
        var operation = Guid.CreateVersion7();

        var first = await viewer.CallAsync("Post", id, operation, "hello");
        var again = await viewer.CallAsync("Post", id, operation, "hello");
        await viewer.WaitAsync("the post to come back", received => Events(received).Count > 0);

        Assert.Equal((2L, false), (first.GetProperty("seq").GetInt64(), first.GetProperty("repeated").GetBoolean()));
        Assert.Equal((2L, true), (again.GetProperty("seq").GetInt64(), again.GetProperty("repeated").GetBoolean()));
        var body = JsonDocument.Parse(Events(viewer.Received).Single().Body).RootElement;
        Assert.Equal("Zoë", body.GetProperty("by").GetProperty("name").GetString());
        Assert.Equal(operation, body.GetProperty("operation_id").GetGuid());
    }

    [Fact]
    public async Task Lists_HearOfEveryIncidentThatChanges()
    {
        await using var viewer = await app.ConnectAsync("warroom");
        await viewer.CallAsync("WatchIncidents");
        var id = await app.OpenIncidentAsync("heard of");

        await viewer.WaitAsync("the new incident", received => received.Any(one => one.Target == "Incident" && one.Argument.GetProperty("id").GetGuid() == id));
    }

    [Fact]
    public async Task Viewer_that_stops_reading_slows_nobody_and_catches_up()
    {
        const int posts = 700;
        var id = await app.OpenIncidentAsync();
        await using var slow = await app.ConnectAsync("warroom", "slow", receiveBufferBytes: 4096);
        await using var quick = await app.ConnectAsync("warroom", "quick");
        await slow.CallAsync("Watch", id, 1);
        await quick.CallAsync("Watch", id, 1);
        await slow.PauseReadingAsync();

        var text = new string('x', 9_000);
        for (var sent = 25; sent <= posts; sent += 25)
        {
            // In step with the quick viewer, so that a busy machine does not make a slow one of it.
            await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => app.PostAsync(id, text)));
            await quick.WaitAsync($"{sent} events at the quick viewer", received => Events(received).Count == sent);
        }

        slow.ResumeReading();
        await slow.WaitAsync("Behind at the slow viewer", received => received.Any(one => one.Target == "Behind" && one.Argument.GetString() == id.ToString()));

        // As the page does: what is consecutive counts, then the log is asked for the rest.
        var last = 1L;
        foreach (var logged in Events(slow.Received))
        {
            last = logged.Seq == last + 1 ? logged.Seq : last;
        }

        Assert.True(last < posts + 1, "Nothing was dropped: the test does not fill the outbox.");
        while (last < posts + 1)
        {
            var seqs = Seqs(await slow.CallAsync("Watch", id, last)).ToList();
            Assert.Equal(last + 1, seqs[0]);
            last = seqs[^1];
        }

        Assert.Equal(posts + 1, last);
    }

    private static List<(long Seq, string Body)> Events(IReadOnlyList<(string Target, JsonElement Argument)> received) =>
        [.. received.Where(one => one.Target == "Timeline").SelectMany(one => one.Argument.GetProperty("events").EnumerateArray()).Select(one => (one.GetProperty("seq").GetInt64(), one.GetProperty("body").GetString()!))];

    private static IEnumerable<long> Seqs(JsonElement answer) => answer.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64());
}
