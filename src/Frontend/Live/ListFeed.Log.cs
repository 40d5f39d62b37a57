namespace Warroom.Frontend.Live;

internal sealed partial class ListFeed
{
    [LoggerMessage(2120, LogLevel.Warning, "A stream of the lists lost something; their viewers read them again")]
    private static partial void LogStreamFailed(ILogger logger, Exception exception);
}
