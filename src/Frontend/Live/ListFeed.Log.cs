namespace Warroom.Frontend.Live;

internal sealed partial class ListFeed
{
    [LoggerMessage(4120, LogLevel.Warning, "A stream of the lists lost something; their viewers read them again")]
    private static partial void LogStreamFailed(ILogger logger, Exception exception);

    [LoggerMessage(4121, LogLevel.Warning, "The stream of the list lost changes of {Count} incidents; its viewers read it again")]
    private static partial void LogLost(ILogger logger, int count);
}
