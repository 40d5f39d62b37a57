using System.Diagnostics.Metrics;
using Orleans.Embedded.Metrics;

namespace Orleans.Embedded.Connections;

/// <summary>Figures of a process's connections, in meter <c>Microsoft.Orleans</c>.</summary>
internal sealed class ConnectionMetrics
{
    private readonly Counter<long> _refused;
    private long _refusals;

    public ConnectionMetrics(IMeterFactory meters, Func<int> open, Func<int> pending)
    {
        var meter = meters.Create(EngineMetrics.MeterName);
        _refused = meter.CreateCounter<long>("orleans-connections-refused", "{connection}", "Connections refused, by reason.");
        Lost = meter.CreateCounter<long>("orleans-connections-lost", "{connection}", "Connections that broke.");
        Routed = meter.CreateCounter<long>("orleans-messaging-routed-again", "{call}", "Calls that were sent to another silo because the first did not begin them.");
        Forwarded = meter.CreateCounter<long>("orleans-messaging-forwarded", "{call}", "Calls that came here and were handed on to the grain's owner.");
        meter.CreateObservableGauge("orleans-connections-open", open, "{connection}", "Connections to other processes.");
        meter.CreateObservableGauge("orleans-messaging-pending", pending, "{call}", "Calls to other processes that wait for their answers.");
        meter.CreateObservableCounter("orleans-networking-bytes-sent", () => BytesSent.Value, "By", "Bytes sent to other processes.");
        meter.CreateObservableCounter("orleans-networking-bytes-received", () => BytesReceived.Value, "By", "Bytes received from other processes.");
        meter.CreateObservableCounter("orleans-networking-sends", () => Sends.Value, "{send}", "Times that what waited was handed to a socket.");
    }

    public Counter<long> Lost { get; }

    public Counter<long> Routed { get; }

    public Counter<long> Forwarded { get; }

    public StripedCounter BytesSent { get; } = new();

    public StripedCounter BytesReceived { get; } = new();

    public StripedCounter Sends { get; } = new();

    /// <summary>All refusals so far, whatever the reason.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    public void OnRefused(RefusalReason reason)
    {
        Interlocked.Increment(ref _refusals);
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
    }
}
