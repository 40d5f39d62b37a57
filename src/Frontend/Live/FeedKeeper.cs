using Microsoft.Extensions.Options;
using Warroom.Persistence;

namespace Warroom.Frontend.Live;

/// <summary>
/// Closes feeds that nobody watches any more, and compares those that are watched with the database: one read for all of a kind. A stream may lose an event (a silo that dies between commit and publishing), and if nothing follows, no
/// gap shows it. Sessions that could not ask their grains for a reply in flight ask again.
/// </summary>
internal sealed partial class FeedKeeper(LiveFeeds feeds, IFeedSource source, IOptions<LiveOptions> options, TimeProvider time, ILogger<FeedKeeper> logger) : BackgroundService
{
    private bool _isFailing;

    /// <summary>One round: sweeps, lets go of answers that were made for viewers who came together, then audits.</summary>
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
                    if (_isFailing)
                    {
                        _isFailing = false;
                        LogRoundWorks();
                    }
                }
                catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
                {
                    // Once for each time that the database is away, not once a round.
                    if (!_isFailing)
                    {
                        _isFailing = true;
                        LogRoundFailed(exception);
                    }
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
        foreach (var feed in candidates)
        {
            feed.ForgetUnusedAnswers();
        }

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
