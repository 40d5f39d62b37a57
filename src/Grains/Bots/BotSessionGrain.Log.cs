namespace Warroom.Bots;

public sealed partial class BotSessionGrain
{
    [LoggerMessage(3301, LogLevel.Information, "Session {SessionId}: reply {ReplyId} ended as {Status} ({ErrorCode}) after {DurationMs} ms")]
    private partial void LogEnded(Guid sessionId, Guid replyId, ReplyStatus status, string? errorCode, int? durationMs);

    [LoggerMessage(3302, LogLevel.Warning, "Session {SessionId}: the model failed in reply {ReplyId}: {ErrorCode}")]
    private partial void LogModelFailed(Exception exception, Guid sessionId, Guid replyId, string errorCode);

    [LoggerMessage(3303, LogLevel.Error, "Session {SessionId}: reply {ReplyId} broke off")]
    private partial void LogBrokeOff(Exception exception, Guid sessionId, Guid replyId);

    [LoggerMessage(3304, LogLevel.Warning, "Session {SessionId}: tokens of reply {ReplyId} were not published; listeners will read them from the session")]
    private partial void LogTokensNotPublished(Exception exception, Guid sessionId, Guid replyId);

    [LoggerMessage(3305, LogLevel.Warning, "Session {SessionId}: the text so far of reply {ReplyId} was not stored; it will be tried again")]
    private partial void LogSaveFailed(Exception exception, Guid sessionId, Guid replyId);

    [LoggerMessage(3306, LogLevel.Warning, "Session {SessionId}: the end of reply {ReplyId} was not stored at attempt {Attempt}")]
    private partial void LogEndNotStored(Exception exception, Guid sessionId, Guid replyId, int attempt);

    [LoggerMessage(3307, LogLevel.Information, "Session {SessionId}: reply {ReplyId} was cut by the end of its activation and is interrupted now")]
    private partial void LogInterrupted(Guid sessionId, Guid replyId);

    [LoggerMessage(3308, LogLevel.Warning, "Session {SessionId}: the model's slot could not be renewed")]
    private partial void LogRenewFailed(Exception exception, Guid sessionId);

    [LoggerMessage(3309, LogLevel.Warning, "Session {SessionId}: the model's slot could not be given back; it lapses by itself")]
    private partial void LogSlotNotReleased(Exception exception, Guid sessionId);
}
