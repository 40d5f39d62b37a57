using System.Diagnostics.Metrics;

namespace Orleans.Embedded.Metrics;

/// <summary>
/// The engine's figures, in meter <c>Microsoft.Orleans</c>. Calls are counted per thread stripe, so that counting costs no shared cache line.
/// </summary>
internal sealed class EngineMetrics
{
    public const string MeterName = "Microsoft.Orleans";

    public EngineMetrics(IMeterFactory meters, Func<int> activations, Func<int> waitingCalls)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("orleans-catalog-activations", activations, "{activation}", "Activations in memory.");
        meter.CreateObservableGauge("orleans-scheduler-waiting-calls", waitingCalls, "{call}", "Calls that wait in mailboxes.");
        meter.CreateObservableCounter("orleans-messaging-calls", () => Calls.Value, "{call}", "Calls sent.");
        Refused = meter.CreateCounter<long>("orleans-messaging-refused", "{call}", "Calls refused because a mailbox was full.");
        TimedOut = meter.CreateCounter<long>("orleans-messaging-timed-out", "{call}", "Calls whose answer came too late or not at all.");
        Created = meter.CreateCounter<long>("orleans-catalog-activation-created", "{activation}", "Activations made.");
        Destroyed = meter.CreateCounter<long>("orleans-catalog-activation-destroyed", "{activation}", "Activations ended.");
        StreamItems = meter.CreateCounter<long>("orleans-streams-delivered", "{item}", "Stream items delivered to subscribers.");
        StreamDropped = meter.CreateCounter<long>("orleans-streams-dropped", "{item}", "Stream items that a slow subscriber lost.");
    }

    public StripedCounter Calls { get; } = new();

    public Counter<long> Refused { get; }

    public Counter<long> TimedOut { get; }

    public Counter<long> Created { get; }

    public Counter<long> Destroyed { get; }

    public Counter<long> StreamItems { get; }

    public Counter<long> StreamDropped { get; }
}
