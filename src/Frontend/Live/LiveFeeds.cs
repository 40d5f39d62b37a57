using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>All feeds of this front end: made for the first viewer, shared by all, closed some time after the last.</summary>
internal sealed partial class LiveFeeds(
    IClusterClient cluster,
    IFeedSource source,
    ListFeed lists,
    IOptions<LiveOptions> options,
    IOptions<JsonHubProtocolOptions> json,
    LiveMetrics metrics,
    TimeProvider time,
    ILogger<LiveFeeds> logger)
{
    private readonly ConcurrentDictionary<Guid, IncidentFeed> _incidents = new();
    private readonly ConcurrentDictionary<Guid, SessionFeed> _sessions = new();
    private readonly LiveOptions _options = options.Value;
    private readonly LogFeedContext _context = new(cluster, options.Value, json.Value.PayloadSerializerOptions, metrics, time, logger);

    public IEnumerable<IncidentFeed> Incidents => _incidents.Values;

    public IEnumerable<SessionFeed> Sessions => _sessions.Values;

    /// <summary>Joins the lists; how this front end stands is told before anything is asked of a silo.</summary>
    public async Task WatchListsAsync(Outbox outbox, CancellationToken cancellationToken)
    {
        lists.Join(outbox);
        await lists.StartAsync(cancellationToken);
    }

    /// <summary>Joins an incident, then reads what the viewer lacks.</summary>
    public async Task<SerializedAnswer> WatchIncidentAsync(Outbox outbox, Guid id, long afterSeq, CancellationToken cancellationToken)
    {
        var feed = Join(_incidents, outbox, id, NewIncident);
        return await AnswerAsync<IncidentFeed, IncidentUpdate>(_incidents, feed, id, outbox, Math.Max(0, afterSeq), cancellationToken);
    }

    /// <summary>Joins a session, then reads what the viewer lacks.</summary>
    public async Task<SerializedAnswer> WatchSessionAsync(Outbox outbox, Guid id, long afterSeq, CancellationToken cancellationToken)
    {
        var feed = Join(_sessions, outbox, id, NewSession);
        return await AnswerAsync<SessionFeed, SessionUpdate>(_sessions, feed, id, outbox, Math.Max(0, afterSeq), cancellationToken);
    }

    /// <summary>Compares the list with the database.</summary>
    public Task AuditListsAsync(CancellationToken cancellationToken) => lists.AuditAsync(cancellationToken);

    public void UnwatchIncident(Outbox outbox, Guid id) => _incidents.GetValueOrDefault(id)?.Leave(outbox);

    public void UnwatchSession(Outbox outbox, Guid id) => _sessions.GetValueOrDefault(id)?.Leave(outbox);

    /// <summary>Closes the feeds that nobody has watched for a while.</summary>
    public async Task SweepAsync()
    {
        await SweepAsync(_incidents);
        await SweepAsync(_sessions);
    }

    private static TFeed Join<TFeed>(ConcurrentDictionary<Guid, TFeed> feeds, Outbox outbox, Guid id, Func<Guid, TFeed> make)
        where TFeed : Feed
    {
        while (true)
        {
            var feed = feeds.GetValueOrDefault(id) ?? make(id);
            if (feed.TryJoin(outbox))
            {
                return feed;
            }

            feeds.TryRemove(KeyValuePair.Create(id, feed));
        }
    }

    private async Task<SerializedAnswer> AnswerAsync<TFeed, TUpdate>(
        ConcurrentDictionary<Guid, TFeed> feeds, TFeed feed, Guid id, Outbox outbox, long afterSeq, CancellationToken cancellationToken)
        where TFeed : LogFeed<TUpdate>
    {
        try
        {
            await feed.Ready.WaitAsync(cancellationToken);
            return await feed.AnswerAsync(afterSeq, cancellationToken);
        }
        catch
        {
            feed.Leave(outbox);
            if (feed.Ready.IsFaulted)
            {
                await RemoveAsync(feeds, id, feed);
            }

            throw;
        }
    }

    private IncidentFeed NewIncident(Guid id)
    {
        var made = new IncidentFeed(id, source, _context);
        var feed = _incidents.GetOrAdd(id, made);
        if (ReferenceEquals(feed, made))
        {
            metrics.FeedOpened();
            _ = made.StartAsync();
        }

        return feed;
    }

    private SessionFeed NewSession(Guid id)
    {
        var made = new SessionFeed(id, source, _context);
        var feed = _sessions.GetOrAdd(id, made);
        if (ReferenceEquals(feed, made))
        {
            metrics.FeedOpened();
            _ = made.StartAsync();
        }

        return feed;
    }

    private async Task SweepAsync<TFeed>(ConcurrentDictionary<Guid, TFeed> feeds)
        where TFeed : Feed
    {
        foreach (var (id, feed) in feeds)
        {
            if (feed.TryClose(_options.Linger))
            {
                await RemoveAsync(feeds, id, feed);
            }
        }
    }

    private async Task RemoveAsync<TFeed>(ConcurrentDictionary<Guid, TFeed> feeds, Guid id, TFeed feed)
        where TFeed : Feed
    {
        if (!feeds.TryRemove(KeyValuePair.Create(id, feed)))
        {
            return;
        }

        metrics.FeedClosed();
        feed.Close();
        try
        {
            await feed.EndAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Its subscription dies with this process at the latest.
            LogEndFailed(id, exception);
        }
    }
}
