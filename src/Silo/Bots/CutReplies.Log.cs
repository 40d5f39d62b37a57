namespace Warroom.Bots;

internal sealed partial class CutReplies
{
    [LoggerMessage(2610, LogLevel.Warning, "Looking for replies that a dead silo left behind failed; it is tried again")]
    private partial void LogLookFailed(Exception exception);

    [LoggerMessage(2611, LogLevel.Warning, "Session {SessionId}, which has a reply in flight, cannot be looked at; it is tried again")]
    private partial void LogSessionFailed(Exception exception, Guid sessionId);
}
