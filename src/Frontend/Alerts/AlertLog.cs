namespace Warroom.Frontend.Alerts;

internal static partial class AlertLog
{
    [LoggerMessage(4200, LogLevel.Warning, "{Count} alerts of a message had no labels or no readable text and were passed over")]
    public static partial void Unreadable(ILogger logger, int count);

    [LoggerMessage(4201, LogLevel.Warning, "Alertmanager left out {Count} alerts of a message: raise max_alerts in its webhook_config")]
    public static partial void Truncated(ILogger logger, int count);
}
