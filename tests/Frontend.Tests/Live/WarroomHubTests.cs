using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Warroom.Frontend.Tests.Support;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

public sealed class WarroomHubTests(SharedWarroom shared)
{
    private WarroomUnderTest Warroom => shared.Warroom;

    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Watch_AfterANumber_GivesWhatIsMissingAndThenWhatComes()
    {
        var id = await Http.OpenIncidentAsync();
        await Http.PostEntryAsync(id, "two");
        await Http.PostEntryAsync(id, "three");
        await using var hub = await Warroom.ConnectAsync("warroom");

        var watched = await hub.InvokeAsync("Watch", id, 1);

        Assert.Equal([2, 3], Seqs(watched));
        Assert.False(watched.GetProperty("more").GetBoolean());
        Assert.Equal(3, watched.GetProperty("incident").GetProperty("version").GetInt64());
        await Http.PostEntryAsync(id, "four");
        var pushed = await hub.NextAsync("event 4", message => message.Target == "Timeline");
        Assert.Equal([4], Seqs(pushed.Argument));
        Assert.Equal(id, pushed.Argument.GetProperty("incident_id").GetGuid());
        Assert.Equal(4, pushed.Argument.GetProperty("incident").GetProperty("version").GetInt64());
        var nothing = await hub.InvokeAsync("Watch", id, 4);
        Assert.Empty(Seqs(nothing));
        Assert.Equal(4, nothing.GetProperty("incident").GetProperty("version").GetInt64());
        Assert.Empty(Seqs(await hub.InvokeAsync("Watch", id, 400)));
        Assert.Equal([1, 2, 3, 4], Seqs(await hub.InvokeAsync("Watch", id, -5)));
    }

    [Fact]
    public async Task Watch_MoreThanOneAnswerHolds_IsPaged()
    {
        var id = await Http.OpenIncidentAsync();
        await Task.WhenAll(Enumerable.Range(0, 620).Select(i => Http.PostEntryAsync(id, $"entry {i}")));
        await using var hub = await Warroom.ConnectAsync("warroom");

        var first = await hub.InvokeAsync("Watch", id, 0);
        Assert.Equal(Enumerable.Range(1, 500).Select(seq => (long)seq), Seqs(first));
        Assert.True(first.GetProperty("more").GetBoolean());
        var second = await hub.InvokeAsync("Watch", id, 500);
        Assert.Equal(Enumerable.Range(501, 121).Select(seq => (long)seq), Seqs(second));
        Assert.False(second.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Watch_TwoViewersThroughABurst_SeeTheSameInOrderWithoutAGap()
    {
        var id = await Http.OpenIncidentAsync();
        await using var early = await TimelineViewer.WatchAsync(Warroom.Address, id);
        var posts = Enumerable.Range(0, 300).Select(i => Http.PostEntryAsync(id, $"burst {i}")).ToList();
        await Task.WhenAny(posts);
        await using var late = await TimelineViewer.WatchAsync(Warroom.Address, id);
        var acknowledged = await Task.WhenAll(posts);

        Assert.Equal(Enumerable.Range(2, 300).Select(seq => (long)seq), acknowledged.Order());
        await early.HasAsync(301);
        await late.HasAsync(301);
        Assert.Equal(early.Events, late.Events);
        Assert.Equal((0, 0, 0, 0), (early.Gaps, early.TimesBehind, late.Gaps, late.TimesBehind));
        Assert.Equal(Enumerable.Range(1, 301).Select(seq => (long)seq), early.Events.Select(logged => logged.Seq));

        // The chain that a page checks: every event follows from the one before.
        var hash = new string('0', 64);
        foreach (var logged in early.Events)
        {
            hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hash}\n{id}\n{logged.Seq}\n{logged.Body}")));
            Assert.Equal(hash, logged.Hash);
        }
    }

    [Fact]
    public async Task Watch_ViewerThatComesBack_GoesOnWhereItWas()
    {
        var id = await Http.OpenIncidentAsync();
        await using (var hub = await Warroom.ConnectAsync("warroom"))
        {
            Assert.Equal([1], Seqs(await hub.InvokeAsync("Watch", id, 0)));
        }

        await Http.PostEntryAsync(id, "while it was away");
        await using var again = await Warroom.ConnectAsync("warroom");
        Assert.Equal([2], Seqs(await again.InvokeAsync("Watch", id, 1)));
    }

    [Fact]
    public async Task Unwatch_Viewer_GetsNothingMore()
    {
        var id = await Http.OpenIncidentAsync();
        await using var hub = await Warroom.ConnectAsync("warroom");
        await hub.InvokeAsync("Watch", id, 0);
        await hub.InvokeAsync("Unwatch", id);
        await using var other = await TimelineViewer.WatchAsync(Warroom.Address, id);
        await Http.PostEntryAsync(id, "unseen");
        await other.HasAsync(2);
        await hub.InvokeAsync("Unwatch", Guid.NewGuid());
        Assert.False(hub.Messages.TryRead(out _));
    }

    [Fact]
    public async Task Watch_UnknownIncident_IsRefusedWithItsCode()
    {
        await using var hub = await Warroom.ConnectAsync("warroom");
        var refusal = await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Watch", Guid.NewGuid(), 0));
        Assert.Contains("HubException: incident.not_found: There is no incident", refusal.Message, StringComparison.Ordinal);

        // An incident that is opened after somebody looked for it in vain can be watched then.
        var id = Guid.CreateVersion7();
        await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Watch", id, 0));
        (await Http.PostAnswerAsync("api/incidents", new { title = "late" }, ("Idempotency-Key", id.ToString()))).Is(HttpStatusCode.Created);
        Assert.Equal([1], Seqs(await hub.InvokeAsync("Watch", id, 0)));
    }

    [Fact]
    public async Task Watch_TooManyThings_IsRefused()
    {
        await using var hub = await Warroom.ConnectAsync("warroom");
        var ids = await Task.WhenAll(Enumerable.Range(0, 65).Select(i => Http.OpenIncidentAsync($"Number {i}")));
        for (var i = 0; i < 64; i++)
        {
            await hub.InvokeAsync("Watch", ids[i], 0);
        }

        var refusal = await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Watch", ids[64], 0));
        Assert.Contains("live.too_many_watches: ", refusal.Message, StringComparison.Ordinal);
        await hub.InvokeAsync("Unwatch", ids[0]);
        await hub.InvokeAsync("Watch", ids[64], 0);
    }

    [Fact]
    public async Task Post_SameOperationTwice_IsOneEventByTheActor()
    {
        var id = await Http.OpenIncidentAsync();
        await using var hub = await Warroom.ConnectAsync("warroom", "?actor=Zo%C3%AB");
        await hub.InvokeAsync("Watch", id, 0);
        var operation = Guid.CreateVersion7();

        var first = await hub.InvokeAsync("Post", id, operation, "by hub");
        var second = await hub.InvokeAsync("Post", id, operation, "by hub");

        Assert.Equal((2, false), (first.GetProperty("seq").GetInt64(), first.GetProperty("repeated").GetBoolean()));
        Assert.Equal((2, true), (second.GetProperty("seq").GetInt64(), second.GetProperty("repeated").GetBoolean()));
        var pushed = await hub.NextAsync("its own event", message => message.Target == "Timeline");
        var body = JsonDocument.Parse(pushed.Argument.GetProperty("events")[0].GetProperty("body").GetString()!).RootElement;
        Assert.Equal("Zoë", body.GetProperty("by").GetProperty("name").GetString());
        Assert.Equal(operation, body.GetProperty("operation_id").GetGuid());
    }

    [Fact]
    public async Task Post_BadCalls_AreRefusedAndTheConnectionGoesOn()
    {
        var id = await Http.OpenIncidentAsync();
        await using var hub = await Warroom.ConnectAsync("warroom");
        Assert.Contains("incident.text_required: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Post", id, Guid.CreateVersion7(), " "))).Message, StringComparison.Ordinal);
        Assert.Contains("request.bad_idempotency_key: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Post", id, Guid.Empty, "x"))).Message, StringComparison.Ordinal);
        Assert.Contains("incident.not_found: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Post", Guid.CreateVersion7(), Guid.CreateVersion7(), "x"))).Message, StringComparison.Ordinal);
        Assert.Contains("incident.too_long: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Post", id, Guid.CreateVersion7(), new string('x', 10_001)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Post", "not a uuid", Guid.CreateVersion7(), "x"));
        await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("NoSuchMethod"));
        Assert.Equal(2, (await hub.InvokeAsync("Post", id, Guid.CreateVersion7(), "still here")).GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Post_MessageTooLarge_EndsTheConnection()
    {
        await using var hub = await Warroom.ConnectAsync("warroom");
        await Assert.ThrowsAnyAsync<Exception>(() => hub.InvokeAsync("Post", Guid.NewGuid(), Guid.NewGuid(), new string('x', 300 * 1024)));
        await Testing.Eventually.CompletesAsync("the connection to end", hub.Ended);
    }

    [Fact]
    public async Task WatchIncidents_ChangesOfListAndCatalogue_Come()
    {
        await using var hub = await Warroom.ConnectAsync("warroom");
        await hub.InvokeAsync("WatchIncidents");
        var id = await Http.OpenIncidentAsync("Listed");
        var opened = await hub.NextAsync("the new incident", message => message.Target == "Incident" && message.Argument.GetProperty("id").GetGuid() == id);
        Assert.Equal("Listed", opened.Argument.GetProperty("title").GetString());

        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { status = "resolved" })).Is(HttpStatusCode.OK);
        var resolved = await hub.NextAsync("its end", message => message.Target == "Incident" && message.Argument.GetProperty("id").GetGuid() == id && message.Argument.GetProperty("version").GetInt64() == 2);
        Assert.Equal("resolved", resolved.Argument.GetProperty("status").GetString());

        var name = $"live-{Guid.NewGuid():N}"[..16];
        (await Http.AskAsync(HttpMethod.Put, $"api/services/{name}", new { owner = "x" })).Is(HttpStatusCode.OK);
        await hub.NextAsync("the new service", message => message.Target == "Catalogue" && message.Argument.GetRawText().Contains(name, StringComparison.Ordinal));
        var bot = (await Http.PostAnswerAsync("api/bots", new { name = "Live" })).Is(HttpStatusCode.Created).GetProperty("id").GetString()!;
        await hub.NextAsync("the new bot", message => message.Target == "Catalogue" && message.Argument.GetRawText().Contains(bot, StringComparison.Ordinal));
    }

    private static List<long> Seqs(JsonElement answer) => [.. answer.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64())];
}
