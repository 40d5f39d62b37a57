using System.Text.Json;
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

    private static async Task<Guid?> InFlightAsync(SessionFeed feed, JsonSerializerOptions options)
    {
        var session = JsonSerializer.SerializeToElement(await feed.AnswerAsync(0, CancellationToken.None), options).GetProperty("session");
        return session.TryGetProperty("live", out var live) ? live.GetProperty("reply_id").GetGuid() : null;
    }

    private static LogPage Page(long after, int limit, long stored) => new(
        [.. Enumerable.Range(1, (int)Math.Min(limit, stored - after)).Select(i => new LoggedEvent { Seq = after + i, Hash = "", Body = "{}" })], stored, stored - after > limit);

    private static LiveReply Reply(Guid id) => new() { ReplyId = id, MessageId = id, Text = "So far", NextToken = 2, StartedAt = Noon };

    private SessionView View(long version, LiveReply? live) => new() { Id = _id, Version = version, BotId = "BOT-001", Title = "x", CreatedAt = Noon, UpdatedAt = Noon, Live = live };
}
