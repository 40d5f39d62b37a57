namespace Warroom.Frontend.Live;

internal sealed partial class IncidentFeed
{
    [LoggerMessage(2100, LogLevel.Warning, "Reading what the feed of incident {IncidentId} lacks failed; it is tried again")]
    private static partial void LogCatchUpFailed(ILogger logger, Guid incidentId, Exception exception);

    [LoggerMessage(2101, LogLevel.Warning, "The stream of incident {IncidentId} lost something; its feed reads the log")]
    private static partial void LogStreamFailed(ILogger logger, Guid incidentId, Exception exception);
}
