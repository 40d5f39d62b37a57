namespace Warroom.Frontend.Live;

internal sealed partial class FeedKeeper
{
    [LoggerMessage(4140, LogLevel.Warning, "Comparing the feeds with the database failed; it is tried again")]
    private partial void LogRoundFailed(Exception exception);
}
