using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Warroom.Bots;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Live;
using Warroom.Frontend.Tests.Support;
using Warroom.Persistence;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

public sealed class SessionFeedTests(SharedWarroom shared)
{
    private const long Lost = 3_000;
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Reply1 = Guid.CreateVersion7();
    private static readonly Guid Reply2 = Guid.CreateVersion7();
    private readonly Guid _id = Guid.CreateVersion7();

    /// <param name="next">Whether another reply is in flight when the feed has caught up.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CatchUp_ReplyEndedInMoreThanIsPassedOn_IsNoLongerInFlight(bool next)
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var stored = 1L;
        var live = Reply(first);
        var grain = Fake.Of<IBotSessionGrain>((_, _) => Task.FromResult<SessionView?>(View(stored, live)));
        var source = Fake.Of<IFeedSource>((method, arguments) => method.Name switch
        {
            nameof(IFeedSource.SessionEventsAsync) => Task.FromResult<LogPage?>(Page((long)arguments[1]!, (int)arguments[2]!, stored)),
            nameof(IFeedSource.FindSessionAsync) => Task.FromResult<SessionView?>(View(stored, live: null)),
            nameof(IFeedSource.LastMessagesAsync) => Task.FromResult<SessionMessages?>(new([], stored, false)),
            _ => throw new InvalidOperationException($"{method.Name} was not expected."),
        });
        var options = new JsonSerializerOptions();
        FrontendJson.Configure(options);
        var context = new LogFeedContext(new FakeCluster(grain).Client, new LiveOptions(), options, shared.Warroom.Services.GetRequiredService<LiveMetrics>(), TimeProvider.System, NullLogger.Instance);
        var feed = new SessionFeed(_id, source, context);
        await feed.StartAsync();
        await feed.Ready;
        Assert.Equal(first, await InFlightAsync(feed, options));

        (stored, live) = (Lost, next ? Reply(second) : null);
        await feed.CatchUpAsync();

        Assert.Equal(Lost, feed.Version);
        Assert.Equal(next ? second : null, await InFlightAsync(feed, options));
    }

    [Fact]
    public async Task Loss_GrainDoesNotAnswer_ReplyIsReadAtTheNextAudit()
    {
        var session = new Session(shared, _id);
        session.Add(Sent(), Started(Reply1));
        session.Live = Reply(Reply1, 1);
        await session.FollowAsync();
        session.Live = Reply(Reply1, 4);
        session.GrainAnswers = false;
        await session.Feed.OnErrorAsync(new InvalidOperationException("Something was lost."));
        Assert.Empty(session.Told);

        session.GrainAnswers = true;
        session.Feed.Settle();

        Assert.Equal(["Behind"], session.Told);
        Assert.Equal(4, (await session.AnswerAsync(2)).NextToken);
        session.Feed.Settle();
        Assert.Equal(3, session.Calls);
    }

    [Fact]
    public async Task Update_GrainDoesNotAnswer_EventsArePassedOnAndTheReplyIsNotShownWithoutItsBeginning()
    {
        // What the reply goes on from is further back than this feed knows.
        var session = new Session(shared, _id) { HasPages = false };
        session.Add(Sent(), Started(Reply1), Ended(Reply1, "The beginning. "));
        await session.FollowAsync();
        session.GrainAnswers = false;
        var started = session.Add(Started(Reply2, continues: Reply1));

        await session.Feed.OnNextAsync(new() { SessionId = _id, Events = started });
        Assert.Equal(["Session 4"], session.Told);
        Assert.Equal((4L, null, null), await session.AnswerAsync(4));

        (session.GrainAnswers, session.Live) = (true, Reply(Reply2, 2));
        await session.Feed.OnNextAsync(new() { SessionId = _id, Tokens = new() { ReplyId = Reply2, FirstToken = 0, Tokens = ["a", "b"] } });
        Assert.Equal(["Session 4", "Behind"], session.Told);
        Assert.Equal((4L, Reply2, 2L), await session.AnswerAsync(4));
    }

    // Two versions run side by side during an upgrade.
    [Fact]
    public async Task Update_OfAKindThatANewerVersionWrote_IsPassedOn_AndWhatFollowsToo()
    {
        var session = new Session(shared, _id);
        session.Add(Sent());
        await session.FollowAsync();
        var unknown = session.Add(Started(Reply1))[0] with { Body = """{"kind":"something_new","what":1}""" };
        var started = session.Add(Started(Reply2))[0];

        await session.Feed.OnNextAsync(new() { SessionId = _id, Events = [unknown] });
        await session.Feed.OnNextAsync(new() { SessionId = _id, Events = [started] });

        Assert.Equal(["Session 2", "Session 3"], session.Told);
        Assert.Equal((3L, Reply2, 0L), await session.AnswerAsync(1));
    }

    [Fact]
    public async Task Loss_AnotherReplyHasBegun_ItsBeginningIsPassedOnBeforeIt()
    {
        var session = new Session(shared, _id);
        session.Add(Sent());
        await session.FollowAsync();
        session.OnCall = () => session.Add(Started(Reply1));
        session.Live = Reply(Reply1, 3);

        await session.Feed.OnErrorAsync(new InvalidOperationException("Something was lost."));

        Assert.Equal(["Session 2", "Behind"], session.Told);
        Assert.Equal((2L, Reply1, 3L), await session.AnswerAsync(1));
    }

    [Fact]
    public async Task Tokens_BeforeTheirReplyBegins_AreReadWhenItDoes()
    {
        var session = new Session(shared, _id);
        session.Add(Sent());
        await session.FollowAsync();
        var started = session.Add(Started(Reply1));
        session.Live = Reply(Reply1, 2);

        await session.Feed.OnNextAsync(new() { SessionId = _id, Tokens = new() { ReplyId = Reply1, FirstToken = 0, Tokens = ["a", "b"] } });
        await session.Feed.OnNextAsync(new() { SessionId = _id, Events = started });

        Assert.Equal(["Session 2", "Behind"], session.Told);
        Assert.Equal((2L, Reply1, 2L), await session.AnswerAsync(1));
    }

    [Fact]
    public async Task Answer_ViewerHasMoreThanTheFeed_IsNotOlderThanTheViewer()
    {
        var session = new Session(shared, _id);
        session.Add(Sent(), Started(Reply1));
        session.Live = Reply(Reply1, 1);
        await session.FollowAsync();
        session.Add(Ended(Reply1, "All of it."));

        Assert.Equal((3L, null, null), await session.AnswerAsync(3));
    }

    private static async Task<Guid?> InFlightAsync(SessionFeed feed, JsonSerializerOptions options)
    {
        var session = JsonSerializer.SerializeToElement(await feed.AnswerAsync(0, CancellationToken.None), options).GetProperty("session");
        return session.TryGetProperty("live", out var live) ? live.GetProperty("reply_id").GetGuid() : null;
    }

    private static LogPage Page(long after, int limit, long stored) => new(
        [.. Enumerable.Range(1, (int)Math.Min(limit, stored - after)).Select(i => new LoggedEvent { Seq = after + i, Hash = "", Body = "{}" })], stored, stored - after > limit);

    private static LiveReply Reply(Guid id, long nextToken = 2) => new() { ReplyId = id, MessageId = id, Text = "So far", NextToken = nextToken, StartedAt = Noon };

    private static SessionEvent Sent() => new MessageSent { At = Noon, By = Author.Warroom, OperationId = Guid.CreateVersion7(), MessageId = Guid.CreateVersion7(), Text = "Why?" };

    private static SessionEvent Started(Guid reply, Guid? continues = null) =>
        new ReplyStarted { At = Noon, By = Author.Warroom, OperationId = Guid.CreateVersion7(), ReplyId = reply, MessageId = Guid.CreateVersion7(), Continues = continues };

    private static SessionEvent Ended(Guid reply, string text) =>
        new ReplyEnded { At = Noon, By = Author.Warroom, OperationId = Guid.CreateVersion7(), ReplyId = reply, Status = ReplyStatus.Complete, Text = text };

    private static SessionView ViewOf(Guid id, long version, LiveReply? live) => new() { Id = id, Version = version, BotId = "BOT-001", Title = "x", CreatedAt = Noon, UpdatedAt = Noon, Live = live };

    private SessionView View(long version, LiveReply? live) => ViewOf(_id, version, live);

    /// <summary>A session with its log and its grain, the feed that follows it, and one viewer of that.</summary>
    private sealed class Session : IOutboxConnection
    {
        private readonly List<LoggedEvent> _log = [];
        private readonly JsonSerializerOptions _options = new();
        private readonly LiveMetrics _metrics;
        private readonly Guid _id;

        public Session(SharedWarroom shared, Guid id)
        {
            _id = id;
            _metrics = shared.Warroom.Services.GetRequiredService<LiveMetrics>();
            FrontendJson.Configure(_options);
            var grain = Fake.Of<IBotSessionGrain>((_, _) => Get());
            var source = Fake.Of<IFeedSource>((method, arguments) => method.Name switch
            {
                nameof(IFeedSource.SessionEventsAsync) => Task.FromResult<LogPage?>(new(HasPages ? [.. _log.Skip((int)(long)arguments[1]!).Take((int)arguments[2]!)] : [], _log.Count, false)),
                nameof(IFeedSource.FindSessionAsync) => Task.FromResult<SessionView?>(ViewOf(id, _log.Count, live: null)),
                _ => throw new InvalidOperationException($"{method.Name} was not expected."),
            });
            var context = new LogFeedContext(new FakeCluster(grain).Client, new LiveOptions(), _options, _metrics, TimeProvider.System, NullLogger.Instance);
            Feed = new SessionFeed(id, source, context);
        }

        public SessionFeed Feed { get; }

        public LiveReply? Live { get; set; }

        public bool GrainAnswers { get; set; } = true;

        /// <summary>Whether events can be read.</summary>
        public bool HasPages { get; init; } = true;

        /// <summary>Happens once, at the next call of the grain.</summary>
        public Action? OnCall { get; set; }

        public int Calls { get; private set; }

        /// <summary>What the viewer was told: <c>Behind</c>, or <c>Session</c> with the number of its last event or token.</summary>
        public List<string> Told { get; } = [];

        public ImmutableArray<LoggedEvent> Add(params SessionEvent[] events)
        {
            foreach (var happened in events)
            {
                _log.Add(new() { Seq = _log.Count + 1, Hash = "", Body = JsonSerializer.Serialize(happened, WarroomJson.Wire.SessionEvent) });
            }

            return [.. _log.TakeLast(events.Length)];
        }

        public async Task FollowAsync()
        {
            await Feed.StartAsync();
            await Feed.Ready;
            Assert.True(Feed.TryJoin(new Outbox(this, new LiveOptions(), _metrics, TimeProvider.System)));
        }

        public async Task<(long Version, Guid? Reply, long? NextToken)> AnswerAsync(long after)
        {
            var session = JsonSerializer.SerializeToElement(await Feed.AnswerAsync(after, CancellationToken.None), _options).GetProperty("session");
            var live = session.TryGetProperty("live", out var found) ? found : (JsonElement?)null;
            return (session.GetProperty("version").GetInt64(), live?.GetProperty("reply_id").GetGuid(), live?.GetProperty("next_token").GetInt64());
        }

        public ValueTask WriteAsync(SerializedHubMessage message)
        {
            var invocation = (InvocationMessage)message.Message!;
            Told.Add(invocation.Arguments[0] is SessionUpdate update ? $"Session {(update.Events.IsEmpty ? update.Tokens!.FirstToken : update.Events[^1].Seq)}" : invocation.Target);
            return default;
        }

        public int SizeOf(SerializedHubMessage message) => 100;

        public void Abort()
        {
        }

        private Task<SessionView?> Get()
        {
            Calls++;
            var before = OnCall;
            OnCall = null;
            before?.Invoke();
            return GrainAnswers ? Task.FromResult<SessionView?>(ViewOf(_id, _log.Count, Live)) : Task.FromException<SessionView?>(new TimeoutException("No answer."));
        }
    }
}
