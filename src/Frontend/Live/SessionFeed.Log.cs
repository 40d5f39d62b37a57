namespace Warroom.Frontend.Live;

internal sealed partial class SessionFeed
{
    [LoggerMessage(2110, LogLevel.Warning, "Reading what the feed of session {SessionId} lacks failed; it is tried again")]
    private static partial void LogCatchUpFailed(ILogger logger, Guid sessionId, Exception exception);

    [LoggerMessage(2111, LogLevel.Warning, "The stream of session {SessionId} lost something; its feed reads the log")]
    private static partial void LogStreamFailed(ILogger logger, Guid sessionId, Exception exception);
}
