using System.Net;
using Warroom.Frontend.Tests.Support;
using Warroom.Models.Tests;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

/// <summary>Chat over the hub, with a simulated model of its own that each test sets as it needs it.</summary>
public sealed class ChatTests(ChatTests.Stage stage) : IClassFixture<ChatTests.Stage>
{
    private const string Reply = "The checkout service waits for its database, größer than usual, because an index is missing on the orders table. Look at pg_stat_activity next.";

    private WarroomUnderTest Warroom => stage.Warroom!;

    private SimUnderTest Sim => stage.Sim!;

    [Fact]
    public async Task Send_TokensComeOneByOne_AndASecondViewerJoinsHalfWay()
    {
        await Sim.SetAsync(new { reply = Reply, tokensPerSecond = 40, fault = "none" });
        var session = await Warroom.Http.StartSessionAsync();
        await using var first = await ChatViewer.WatchAsync(Warroom, session);
        Assert.False(first.Watched.GetProperty("session").TryGetProperty("live", out _));
        var receipt = await first.CommandAsync("Send", "What is wrong?");
        Assert.False(receipt.GetProperty("repeated").GetBoolean());
        await first.GrowsAsync(30);
        await using var second = await ChatViewer.WatchAsync(Warroom, session);
        await using var third = await ChatViewer.WatchAsync(Warroom, session, receipt.GetProperty("seq").GetInt64());

        foreach (var viewer in (ChatViewer[])[first, second, third])
        {
            var ended = await viewer.EndAsync();
            Assert.Equal(("complete", Reply, Reply), (ended.Status, ended.Text, ended.Seen));
            Assert.Equal(0, viewer.Gaps);
        }

        Assert.True(first.TimesGrown > 5, $"The reply came in {first.TimesGrown} pieces.");
        Assert.Equal(0, first.FirstPushedToken);
        Assert.True(second.FirstPushedToken > 0, "The second viewer got tokens again that it had.");
        Assert.True(second.Watched.TryGetProperty("messages", out _), "Who comes new gets messages.");
        Assert.False(third.Watched.TryGetProperty("messages", out _), "Who comes back gets only events.");
        await using var later = await ChatViewer.WatchAsync(Warroom, session, 1);
        Assert.False(later.Watched.TryGetProperty("messages", out _), "Who comes back gets only events.");
        var page = (await Warroom.Http.GetAnswerAsync($"api/sessions/{session}/messages")).Is(HttpStatusCode.OK);
        Assert.Equal(["What is wrong?", Reply], page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Watch_FirstViewerOfAReplyThatIsHalfWay_GetsTheTextSoFarAndThenTheRest()
    {
        await Sim.SetAsync(new { reply = Reply, tokensPerSecond = 20, fault = "none" });
        var session = await Warroom.Http.StartSessionAsync();
        (await Warroom.Http.PostAnswerAsync($"api/sessions/{session}/messages", new { text = "What is wrong?" })).Is(HttpStatusCode.Accepted);
        await Eventually.HoldsAsync("some tokens", async () =>
            (await Warroom.Http.GetAnswerAsync($"api/sessions/{session}")).Is(HttpStatusCode.OK).TryGetProperty("live", out var live) && live.GetProperty("next_token").GetInt64() > 5);

        await using var first = await ChatViewer.WatchAsync(Warroom, session);

        var ended = await first.EndAsync();
        Assert.Equal(("complete", Reply, Reply), (ended.Status, ended.Text, ended.Seen));
        Assert.True(first.FirstPushedToken > 5, "It got tokens again that it had.");
        Assert.Equal(0, first.Gaps);
    }

    [Fact]
    public async Task Stop_ReplyInFlight_KeepsWhatThereIs_AndRegenerateAnswersAgain()
    {
        await Sim.SetAsync(new { reply = Reply, tokensPerSecond = 20, fault = "none" });
        var session = await Warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(Warroom, session);
        await viewer.CommandAsync("Send", "What is wrong?");
        await viewer.GrowsAsync(10);
        Assert.Contains("session.reply_in_flight", (await Assert.ThrowsAsync<HubRefusedException>(() => viewer.CommandAsync("Send", "Hurry"))).Message, StringComparison.Ordinal);
        await viewer.CommandAsync("Stop");
        var stopped = await viewer.EndAsync();
        Assert.Equal("stopped", stopped.Status);
        Assert.NotEmpty(stopped.Text);
        Assert.StartsWith(stopped.Text, Reply, StringComparison.Ordinal);
        Assert.Equal(stopped.Text, stopped.Seen);
        Assert.Contains("session.nothing_to_stop", (await Assert.ThrowsAsync<HubRefusedException>(() => viewer.CommandAsync("Stop"))).Message, StringComparison.Ordinal);

        await Sim.SetAsync(new { reply = "Another answer.", tokensPerSecond = 0 });
        await viewer.CommandAsync("Regenerate");
        var again = await viewer.EndAsync(2);
        Assert.Equal(("complete", "Another answer.", "Another answer."), (again.Status, again.Text, again.Seen));
        Assert.Equal(0, viewer.Gaps);
    }

    [Fact]
    public async Task Continue_ReplyThatWasCut_GoesOnAfterItsPrefix()
    {
        await Sim.SetAsync(new { reply = Reply, tokensPerSecond = 0, fault = "cut", faultRequests = 1, faultAfterTokens = 8 });
        var session = await Warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(Warroom, session);
        await viewer.CommandAsync("Send", "What is wrong?");
        var cut = await viewer.EndAsync();
        Assert.Equal("interrupted", cut.Status);
        Assert.NotEmpty(cut.Text);
        Assert.Equal(cut.Text, cut.Seen);

        await viewer.CommandAsync("Continue");
        var whole = await viewer.EndAsync(2);
        Assert.Equal("complete", whole.Status);
        Assert.StartsWith(cut.Text, whole.Text, StringComparison.Ordinal);
        Assert.Equal(whole.Text, whole.Seen);
        Assert.Equal(0, viewer.Gaps);
    }

    [Fact]
    public async Task Send_ModelBusy_FailsWithTheReason_AndTheSameMessageCanBeAnsweredLater()
    {
        await Sim.SetAsync(new { reply = "Back again.", tokensPerSecond = 0, fault = "unavailable" });
        var session = await Warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(Warroom, session);
        await viewer.CommandAsync("Send", "Anybody there?");
        var failed = await viewer.EndAsync();
        Assert.Equal("failed", failed.Status);
        Assert.StartsWith("The model has too much to do", failed.Error, StringComparison.Ordinal);

        await Sim.SetAsync(new { fault = "none" });
        await viewer.CommandAsync("Regenerate");
        Assert.Equal("Back again.", (await viewer.EndAsync(2)).Text);
    }

    [Fact]
    public async Task Watch_UnknownSession_IsRefused()
    {
        await using var hub = await Warroom.ConnectAsync("chat");
        Assert.Contains("HubException: session.not_found: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Watch", Guid.NewGuid(), 0))).Message, StringComparison.Ordinal);
        Assert.Contains("session.not_found: ", (await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Send", Guid.NewGuid(), Guid.CreateVersion7(), "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_SessionThatWasNeverAsked_IsRefused()
    {
        var session = await Warroom.Http.StartSessionAsync();
        await using var hub = await Warroom.ConnectAsync("chat");
        var refusal = await Assert.ThrowsAsync<HubRefusedException>(() => hub.InvokeAsync("Stop", session, Guid.CreateVersion7()));
        Assert.Contains("HubException: session.nothing_to_stop: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_LongestMessage_FitsTheHub()
    {
        await Sim.SetAsync(new { reply = "Long.", tokensPerSecond = 0, fault = "none" });
        var session = await Warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(Warroom, session);

        // Each of these is six bytes on the wire.
        await viewer.CommandAsync("Send", new string('\u2028', 31_999) + "x");
        Assert.Equal("complete", (await viewer.EndAsync()).Status);
        var page = (await Warroom.Http.GetAnswerAsync($"api/sessions/{session}/messages")).Is(HttpStatusCode.OK);
        Assert.Equal(32_000, page.GetProperty("messages")[0].GetProperty("text").GetString()!.Length);
    }

    /// <summary>A program and a simulator whose knobs are this class's to turn.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        private TestDatabase? _database;

        internal SimUnderTest? Sim { get; private set; }

        internal WarroomUnderTest? Warroom { get; private set; }

        public async ValueTask InitializeAsync()
        {
            _database = await TestDatabase.CreateAsync();
            Sim = await SimUnderTest.StartAsync();
            Warroom = await WarroomUnderTest.StartAsync(_database.ConnectionString, ("Ollama:Endpoints:0", Sim.Endpoint));
        }

        public async ValueTask DisposeAsync()
        {
            if (Warroom is not null)
            {
                await Warroom.DisposeAsync();
            }

            if (Sim is not null)
            {
                await Sim.DisposeAsync();
            }

            if (_database is not null)
            {
                await _database.DisposeAsync();
            }
        }
    }
}
