using Microsoft.Extensions.Hosting;

namespace Warroom.Bots;

/// <summary>
/// Finds sessions whose row has a reply in flight and looks at them, at the start of a silo and from then on now and again. A session that nobody runs any more marks its reply as interrupted when it is activated; without
/// this it would say "streaming" until somebody came by. One that runs, here or in another silo, is not disturbed by being looked at.
/// </summary>
internal sealed partial class CutReplies(SessionQueries sessions, IGrainFactory grains, TimeProvider time, ILogger<CutReplies> logger) : BackgroundService
{
    private const int PageSize = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>How old a session's last event may be for it to be looked at after the start. No reply takes that long.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            TimeSpan? since = null;
            do
            {
                try
                {
                    // Until each of the start's sessions was looked at, all are looked at again: an older one would not be among the recent ones.
                    if (await LookAsync(since, stoppingToken))
                        since = Recent;
                }
                catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
                {
                    // A database that is away for a moment, or a silo that is not there yet.
                    LogLookFailed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <returns>Whether all could be looked at.</returns>
    private async Task<bool> LookAsync(TimeSpan? since, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> page;
        var all = true;
        var after = Guid.Empty;
        do
        {
            page = await sessions.InFlightAsync(since, after, PageSize, cancellationToken);
            foreach (var id in page)
                all &= await LookAsync(id, cancellationToken);
            after = page.Count == 0 ? after : page[^1];
        }
        while (page.Count == PageSize);
        return all;
    }

    private async Task<bool> LookAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IBotSessionGrain>(id).GetAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // One session that cannot be activated holds up none of the others; it is looked at again.
            LogSessionFailed(exception, id);
            return false;
        }
    }
}
