namespace Warroom.Persistence;

internal sealed partial class CommitPublisher<TState>
{
    [LoggerMessage(3101, LogLevel.Error, "Publishing events {FirstSeq} to {LastSeq} of {OwnerId} failed; listeners will read them from the log")]
    private partial void LogPublishFailed(Exception exception, Guid ownerId, long firstSeq, long lastSeq);

    [LoggerMessage(3102, LogLevel.Warning, "Publishing for {OwnerId} is too slow: {Count} events were not published; listeners will read them from the log")]
    private partial void LogDropped(Guid ownerId, int count);
}
