using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Warroom.Alerts;

namespace Warroom.Frontend.Alerts;

/// <summary>What came in by webhooks.</summary>
internal sealed class AlertMetrics
{
    public const string MeterName = "Warroom.Alerts";
    private static readonly KeyValuePair<string, object?> Firing = new("state", "firing");
    private static readonly KeyValuePair<string, object?> Resolved = new("state", "resolved");
    private readonly Counter<long> _received;
    private readonly Counter<long> _truncated;
    private readonly Counter<long> _unreadable;

    public AlertMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _received = meter.CreateCounter<long>("warroom.alerts.received", "{alert}", "Alerts taken in by webhooks.");
        _truncated = meter.CreateCounter<long>("warroom.alerts.truncated", "{alert}", "Alerts that their source left out of a message.");
        _unreadable = meter.CreateCounter<long>("warroom.alerts.unreadable", "{alert}", "Alerts of a message that could not be read.");
    }

    public void Received(ImmutableArray<RoutedAlert> alerts)
    {
        foreach (var alert in alerts)
        {
            _received.Add(1, alert.Alert.EndsAt is null ? Firing : Resolved);
        }
    }

    public void Truncated(int count) => _truncated.Add(count);

    public void Unreadable(int count) => _unreadable.Add(count);
}
