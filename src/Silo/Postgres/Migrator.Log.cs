namespace Warroom.Postgres;

public sealed partial class Migrator
{
    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Migration {Number} ({Name}) is being applied")]
    private partial void LogApplying(int number, string name);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Information, Message = "The schema is up to date: {Applied} migrations applied now, the last is number {Last}")]
    private partial void LogUpToDate(int applied, int last);
}
