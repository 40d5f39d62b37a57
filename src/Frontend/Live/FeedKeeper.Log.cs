namespace Warroom.Frontend.Live;

internal sealed partial class FeedKeeper
{
    [LoggerMessage(4140, LogLevel.Warning, "Comparing the feeds with the database failed; it is tried again each round, and said when it works")]
    private partial void LogRoundFailed(Exception exception);

    [LoggerMessage(4141, LogLevel.Information, "The feeds are compared with the database again")]
    private partial void LogRoundWorks();
}
