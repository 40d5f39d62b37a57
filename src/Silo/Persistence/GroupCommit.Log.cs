namespace Warroom.Persistence;

internal sealed partial class GroupCommit
{
    [LoggerMessage(EventId = 2100, Level = LogLevel.Warning, Message = "A batch of {Units} rows failed and is tried again (repetition {Repetition})")]
    private partial void LogTriedAgain(Exception failure, int units, int repetition);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "A batch of {Units} rows was refused by the database; it is narrowed down to what is at fault")]
    private partial void LogNarrowed(Exception failure, int units);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "A write to {Row} whose answer was lost is there")]
    private partial void LogFoundThere(RowKey row);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "The outcome of a write to {Row} is not known")]
    private partial void LogUnknown(Exception failure, RowKey row);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Error, Message = "A writer failed with {Units} rows in hand")]
    private partial void LogWriterFailed(Exception failure, int units);
}
