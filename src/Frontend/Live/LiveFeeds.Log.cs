namespace Warroom.Frontend.Live;

internal sealed partial class LiveFeeds
{
    [LoggerMessage(4130, LogLevel.Warning, "Ending the subscription of the feed {FeedId} failed")]
    private partial void LogEndFailed(Guid feedId, Exception exception);
}
