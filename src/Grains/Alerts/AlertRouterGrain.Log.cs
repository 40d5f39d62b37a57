namespace Warroom.Alerts;

public sealed partial class AlertRouterGrain
{
    [LoggerMessage(3401, LogLevel.Information, "Incident {IncidentId} of {Service} was opened by the alert {Alert}")]
    private partial void LogOpened(Guid incidentId, string service, string alert);
}
