using System.Text.Json;

namespace Warroom.Frontend.Alerts;

/// <summary>
/// What Alertmanager posts, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). Read tolerantly: members that are missing, unknown or of another kind do not refuse the whole.
/// </summary>
public sealed record AlertmanagerMessage
{
    /// <summary><c>4</c>.</summary>
    public JsonElement Version { get; init; }

    /// <summary>Who sends it.</summary>
    public JsonElement Receiver { get; init; }

    /// <summary>How many alerts Alertmanager left out because of its <c>max_alerts</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("truncatedAlerts")]
    public JsonElement TruncatedAlerts { get; init; }

    /// <summary>The alerts.</summary>
    public JsonElement Alerts { get; init; }
}
