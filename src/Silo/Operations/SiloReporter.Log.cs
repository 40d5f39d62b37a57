namespace Warroom.Operations;

internal sealed partial class SiloReporter
{
    [LoggerMessage(2500, LogLevel.Warning, "This silo cannot report to operators; trying again each second")]
    private partial void LogSilent(Exception exception);

    [LoggerMessage(2501, LogLevel.Information, "This silo reports to operators again")]
    private partial void LogHeardAgain();

    [LoggerMessage(2502, LogLevel.Information, "Audit: {RequestedBy} drains this silo (command {CommandId})")]
    private partial void LogDrain(string requestedBy, Guid commandId);

    [LoggerMessage(2503, LogLevel.Debug, "The engine gives no figures now")]
    private partial void LogNoFigures(Exception exception);

    [LoggerMessage(2504, LogLevel.Warning, "The last report was not written: operators see this silo as silent until its lease has run out ({Reason})")]
    private partial void LogLastReportLost(string reason);
}
