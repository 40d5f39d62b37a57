namespace Warroom.Persistence;

public sealed partial class PipelinedLog<TState>
{
    [LoggerMessage(3111, LogLevel.Warning, "{Kind} {OwnerId}: another activation has written; this one ends")]
    private partial void LogFenced(Exception exception, string kind, Guid ownerId);

    [LoggerMessage(3112, LogLevel.Warning, "{Kind} {OwnerId}: whether operation {OperationId} was stored is not known")]
    private partial void LogUnknown(Exception exception, string kind, Guid ownerId, Guid? operationId);

    [LoggerMessage(3113, LogLevel.Warning, "{Kind} {OwnerId}: the row could not be read again; the next command tries")]
    private partial void LogReloadFailed(Exception exception, string kind, Guid ownerId);
}
