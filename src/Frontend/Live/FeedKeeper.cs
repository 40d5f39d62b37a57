using Microsoft.Extensions.Options;
using Warroom.Persistence;

namespace Warroom.Frontend.Live;

/// <summary>
/// Closes feeds that nobody watches any more, and compares those that are watched with the database: one read for all of a kind. A stream may lose an event (a silo that dies between commit and publishing), and if nothing follows, no
/// gap shows it. Sessions that could not ask their grains for a reply in flight ask again.
/// </summary>
internal sealed partial class FeedKeeper(LiveFeeds feeds, IFeedSource source, IOptions<LiveOptions> options, TimeProvider time, ILogger<FeedKeeper> logger) : BackgroundService
{
    /// <summary>One round: sweeps, then audits.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await feeds.SweepAsync();
        await feeds.AuditListsAsync(cancellationToken);
        await AuditAsync([.. feeds.Incidents], source.IncidentVersionsAsync, cancellationToken);
        await AuditAsync([.. feeds.Sessions], source.SessionVersionsAsync, cancellationToken);
        foreach (var session in feeds.Sessions)
        {
            session.Settle();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.AuditInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunOnceAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
                {
                    LogRoundFailed(exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private static async Task AuditAsync<TFeed>(
        List<TFeed> candidates, Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyDictionary<Guid, long>>> read, CancellationToken cancellationToken)
        where TFeed : class, IAuditedFeed
    {
        // A feed that moved since the last round is alive; one that did not is compared.
        var still = candidates.FindAll(feed =>
        {
            var version = feed.Version;
            var stands = version > 0 && version == feed.AuditedVersion && feed.HasAudience;
            feed.AuditedVersion = version;
            return stands;
        });
        if (still.Count == 0)
        {
            return;
        }

        var stored = await read(still.ConvertAll(feed => feed.Id), cancellationToken);
        foreach (var feed in still)
        {
            if (stored.TryGetValue(feed.Id, out var version) && version > feed.AuditedVersion)
            {
                await feed.CatchUpAsync();
            }
        }
    }
}
