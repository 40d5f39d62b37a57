using Warroom.Bots;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>Sessions that answer, on a silo with a real database and a simulated model.</summary>
public sealed class BotSessionTests : IAsyncLifetime
{
    private const string Script = "one two three four five six";
    private SimUnderTest _sim = null!;
    private BotsCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _sim = await SimUnderTest.StartAsync();
        _cluster = await BotsCluster.StartAsync([_sim.Endpoint]);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _sim.DisposeAsync();
    }

    [Fact]
    public async Task Send_Message_IsAnsweredStoredAndPublished()
    {
        var session = await _cluster.BeginAsync();
        var ack = await session.SendAsync("Why is checkout slow?\nIt was fast yesterday.");
        Assert.Equal(3, ack.Seq);
        Assert.Equal("Why is checkout slow?", ack.Session.Title);
        var ended = await session.EndAsync();
        Assert.Equal(ReplyStatus.Complete, ended.Status);
        Assert.StartsWith("*Simulated reply of sim:small", ended.Text);
        Assert.Equal(("sim:small", true, "stop"), (ended.Model, ended.Simulated, ended.FinishReason));
        Assert.True(ended is { PromptTokens: > 0, ReplyTokens: > 50, DurationMs: >= 0, FirstTokenMs: >= 0, Error: null });
        Assert.Equal(["SessionStarted", "MessageSent", "ReplyStarted", "ReplyEnded"], (await session.EventsAsync()).Select(happened => happened.GetType().Name));
        await Eventually.HoldsAsync("all events to be published", () => session.PublishedEvents().Length == 4);
        Assert.Equal([1, 2, 3, 4], session.PublishedEvents().Select(logged => (int)logged.Seq));
        Assert.Equal(ended.Text, session.Published(ended.ReplyId));
        Assert.Equal(2, (await session.Grain.GetAsync())!.MessageCount);
    }

    [Fact]
    public async Task Send_Again_IsOneMessageAndOneReply()
    {
        var session = await _cluster.BeginAsync();
        var operation = Guid.NewGuid();
        var acks = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => session.SendAsync("hello", operation)));
        await session.EndAsync();
        var late = await session.SendAsync("hello", operation);
        Assert.Equal((3, true), (late.Seq, late.Repeated));
        Assert.All(acks, ack => Assert.Equal(3, ack.Seq));
        Assert.Single(acks, ack => !ack.Repeated);
        Assert.Single(await _sim.RequestsAsync());
        Assert.Equal(4, (await session.EventsAsync()).Count);
    }

    [Fact]
    public async Task Send_WhileAReplyIsInFlight_IsRefused()
    {
        await _sim.SetAsync(new { fault = "stall", faultAfterTokens = 2 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        var refused = await Assert.ThrowsAsync<DomainException>(() => session.SendAsync("two"));
        Assert.Equal(("session.reply_in_flight", RefusalKind.Conflict), (refused.ErrorCode, refused.Kind));
        await session.Grain.StopReplyAsync(SessionUnderTest.Command());
    }

    [Fact]
    public async Task Get_WhileAReplyComes_HasItsTextSoFar()
    {
        await _sim.SetAsync(new { reply = Script, fault = "stall", faultAfterTokens = 3 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        await session.TokensAsync(3);
        var live = (await session.Grain.GetAsync())!.Live!;
        Assert.Equal(("one two three", 3, "sim:small"), (live.Text, live.NextToken, live.Model));
        await session.Grain.StopReplyAsync(SessionUnderTest.Command());
    }

    [Fact]
    public async Task Stop_Reply_KeepsWhatCameAndStopsTheModel()
    {
        await _sim.SetAsync(new { reply = Script, fault = "stall", faultAfterTokens = 3 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        await session.TokensAsync(3);
        var command = SessionUnderTest.Command();
        var ack = await session.Grain.StopReplyAsync(command);
        Assert.Equal((4, false), (ack.Seq, ack.Repeated));
        Assert.Null(ack.Session.Live);
        var again = await session.Grain.StopReplyAsync(command);
        Assert.Equal((4, true), (again.Seq, again.Repeated));
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Stopped, "one two three", null), (ended.Status, ended.Text, ended.Error));
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
        Assert.Equal(0, (await _cluster.GatewayAsync(_sim.Endpoint)).Running);
        Assert.Equal("session.nothing_to_stop", (await Assert.ThrowsAsync<DomainException>(() => session.Grain.StopReplyAsync(SessionUnderTest.Command()))).ErrorCode);
    }

    [Fact]
    public async Task Continue_StoppedReply_GoesOnWithoutRepeating()
    {
        await _sim.SetAsync(new { reply = Script, fault = "stall", faultAfterTokens = 3, faultRequests = 1 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        await session.TokensAsync(3);
        await session.Grain.StopReplyAsync(SessionUnderTest.Command());
        await session.Grain.ContinueAsync(SessionUnderTest.Command());
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Complete, Script), (ended.Status, ended.Text));
        Assert.Equal(" four five six", session.Published(ended.ReplyId));
        Assert.Equal(2, (await session.Grain.GetAsync())!.MessageCount);
        Assert.Equal("session.nothing_to_continue", (await Assert.ThrowsAsync<DomainException>(() => session.Grain.ContinueAsync(SessionUnderTest.Command()))).ErrorCode);
    }

    [Fact]
    public async Task Regenerate_Reply_ReplacesIt()
    {
        await _sim.SetAsync(new { reply = "first" });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        var first = await session.EndAsync();
        await _sim.SetAsync(new { reply = "second" });
        await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        var second = await session.EndAsync();
        Assert.Equal("second", second.Text);
        Assert.Equal(first.ReplyId, (await session.EventsAsync()).OfType<ReplyStarted>().Last().Replaces);
        Assert.Equal(2, (await session.Grain.GetAsync())!.MessageCount);
        Assert.Equal("one", (await _sim.RequestsAsync())[1].Prompt);
    }

    [Fact]
    public async Task Send_SecondMessage_GivesTheModelPersonaAndHistory()
    {
        await _sim.SetAsync(new { reply = "yes" });
        var session = await _cluster.BeginAsync(persona: "You are a careful operator.");
        await session.SendAsync("one");
        await session.EndAsync();
        await session.SendAsync("two");
        await session.EndAsync();
        var asked = (await _sim.RequestsAsync())[^1];
        Assert.Equal(("two", "You are a careful operator.", 4), (asked.Prompt, asked.System, asked.Messages));
    }

    [Fact]
    public async Task Reply_Endless_EndsAtItsLimit()
    {
        await _sim.SetAsync(new { reply = "é — 🚒 ", fault = "endless" });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Complete, "length"), (ended.Status, ended.FinishReason));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(ended.Text), BotLimits.ReplyBytesMax - 3, BotLimits.ReplyBytesMax);
        Assert.Equal(ended.Text, session.Published(ended.ReplyId));
        Assert.Equal("cancelled", (await _sim.LastEndedAsync()).Outcome);
    }

    [Theory]
    [InlineData("cut", ReplyStatus.Interrupted, "model.cut")]
    [InlineData("missingDone", ReplyStatus.Interrupted, "model.cut")]
    [InlineData("errorInStream", ReplyStatus.Failed, "model.failed")]
    [InlineData("malformed", ReplyStatus.Failed, "model.protocol")]
    [InlineData("giantLine", ReplyStatus.Failed, "model.protocol")]
    public async Task Reply_FaultAfterThreeTokens_KeepsThemAndFreesTheSlot(string fault, ReplyStatus status, string code)
    {
        await _sim.SetAsync(new { reply = Script, fault, faultAfterTokens = 3, faultRequests = 1, giantLineBytes = 4_000_000 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        var ended = await session.EndAsync();
        Assert.Equal((status, code, "one two three"), (ended.Status, ended.ErrorCode, ended.Text));
        Assert.DoesNotContain("simulated", ended.Error);
        Assert.Equal("one two three", session.Published(ended.ReplyId));
        var gateway = await _cluster.GatewayAsync(_sim.Endpoint);
        Assert.Equal((0, 1), (gateway.Running, gateway.Failures));
        await session.Grain.ContinueAsync(SessionUnderTest.Command());
        Assert.Equal((ReplyStatus.Complete, Script), ((await session.EndAsync()).Status, (await session.EndAsync()).Text));
    }

    [Fact]
    public async Task Reply_ManySessions_FourAtOnceAndAllAreAnswered()
    {
        await _sim.SetAsync(new { replyTokens = 20, tokensPerSecond = 200 });
        var bot = await _cluster.Cluster.Client.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(new() { OperationId = Guid.NewGuid(), Name = "Helper" });
        var sessions = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _cluster.BeginAsync(bot)));
        await Task.WhenAll(sessions.Select(session => session.SendAsync("hello")));
        var ends = await Task.WhenAll(sessions.Select(session => session.EndAsync()));
        Assert.All(ends, ended => Assert.Equal(ReplyStatus.Complete, ended.Status));
        Assert.Equal(4, (await _sim.LogAsync()).RunningMax);
        Assert.Equal((0, 0), ((await _cluster.GatewayAsync(_sim.Endpoint)).Running, (await _cluster.GatewayAsync(_sim.Endpoint)).Queued));
    }

    [Fact]
    public async Task Stop_WhileWaitingForTheModel_GivesThePlaceBack()
    {
        await _sim.SetAsync(new { fault = "hang" });
        var bot = await _cluster.Cluster.Client.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(new() { OperationId = Guid.NewGuid(), Name = "Helper" });
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _cluster.BeginAsync(bot)));
        foreach (var session in sessions[..4])
            await session.SendAsync("hello");
        await Eventually.HoldsAsync("four requests to hang", async () => (await _sim.LogAsync()).Running == 4);
        foreach (var (session, place) in sessions[4..].Zip([1, 2]))
        {
            await session.SendAsync("hello");
            await Eventually.HoldsAsync("its place to show", async () => (await session.Grain.GetAsync())!.Live!.Queued == place);
            await Eventually.HoldsAsync("it to queue", async () => (await _cluster.GatewayAsync(_sim.Endpoint)).Queued == place);
        }

        await sessions[4].Grain.StopReplyAsync(SessionUnderTest.Command());
        Assert.Equal((ReplyStatus.Stopped, ""), ((await sessions[4].EndAsync()).Status, (await sessions[4].EndAsync()).Text));
        await Eventually.HoldsAsync("one to be left in the queue", async () => (await _cluster.GatewayAsync(_sim.Endpoint)).Queued == 1);
        await sessions[0].Grain.StopReplyAsync(SessionUnderTest.Command());
        await Eventually.HoldsAsync("the next to be asked", async () => (await _sim.RequestsAsync()).Count == 5);

        // Read in one go: between two readings the queue may move.
        await Eventually.HoldsAsync("it to have left the queue", async () => await _cluster.GatewayAsync(_sim.Endpoint) is { Running: 4, Queued: 0 });
        foreach (var session in sessions[1..4].Append(sessions[5]))
            await session.Grain.StopReplyAsync(SessionUnderTest.Command());
    }

    [Fact]
    public async Task Stop_SiloInOrder_InterruptsWithAllThatCame()
    {
        await _sim.SetAsync(new { reply = Script, fault = "stall", faultAfterTokens = 4, faultRequests = 1 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        await session.TokensAsync(4);
        await _cluster.Cluster.RestartSiloAsync(await _cluster.SiloOfAsync(session.Grain));
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Interrupted, "one two three four", null), (ended.Status, ended.Text, ended.ErrorCode));
        await session.Grain.ContinueAsync(SessionUnderTest.Command());
        Assert.Equal(Script, (await session.EndAsync()).Text);
    }

    [Fact]
    public async Task Kill_SiloDuringAReply_InterruptsWithTheStoredPrefix()
    {
        await _sim.SetAsync(new { reply = Script, fault = "stall", faultAfterTokens = 4, faultRequests = 1 });
        var session = await _cluster.BeginAsync();
        await session.SendAsync("one");
        await session.TokensAsync(4);
        var stored = _cluster.Services;
        var log = (Persistence.IGrainLog<SessionState>)stored.GetService(typeof(Persistence.IGrainLog<SessionState>))!;
        await Eventually.HoldsAsync("the text so far to be stored", async () => (await log.LoadAsync(session.Id)).State!.Live!.NextToken == 4);
        await _cluster.Cluster.KillSiloAsync(await _cluster.SiloOfAsync(session.Grain));
        await _cluster.Cluster.StartAdditionalSiloAsync();
        await Eventually.SucceedsAsync("the session to answer elsewhere", async () => Assert.Null((await session.Grain.GetAsync())!.Live));
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Interrupted, "one two three four", null), (ended.Status, ended.Text, ended.ErrorCode));
        await session.Grain.ContinueAsync(SessionUnderTest.Command());
        Assert.Equal(Script, (await session.EndAsync()).Text);
    }
}
