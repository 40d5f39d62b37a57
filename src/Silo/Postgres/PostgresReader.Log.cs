namespace Warroom.Postgres;

public sealed partial class PostgresReader
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "A read failed and is tried again (repetition {Repetition})")]
    private partial void LogReadAgain(Exception failure, int repetition);
}
