using System.Diagnostics.Metrics;

namespace Warroom.Operations;

/// <summary>Reads the engine's own gauges. Another engine may not have one of them: then it is unknown.</summary>
internal sealed class EngineGauges : IDisposable
{
    private const string MeterName = "Microsoft.Orleans";
    private const string Activations = "orleans-catalog-activations";
    private const string Waiting = "orleans-scheduler-waiting-calls";
    private readonly MeterListener _listener = new();
    private long? _activations;
    private long? _waiting;

    /// <param name="meters">Of the silo's host: with several silos in one process each reads its own.</param>
    public EngineGauges(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MeterName && ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name is Activations or Waiting)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Take(instrument, value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Take(instrument, value));
        _listener.Start();
    }

    /// <summary>Activations in memory, and calls that wait in mailboxes. Costs a walk over the activations.</summary>
    public (long? Activations, long? WaitingCalls) Read()
    {
        (_activations, _waiting) = (null, null);
        _listener.RecordObservableInstruments();
        return (_activations, _waiting);
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, long value)
    {
        if (instrument.Name == Activations)
            _activations = (_activations ?? 0) + value;
        else
            _waiting = (_waiting ?? 0) + value;
    }
}
