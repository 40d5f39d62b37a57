using System.Diagnostics;
using System.Diagnostics.Metrics;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>The figures of incidents and of the alerts that lead to them. Tags are closed sets: kinds, severities, error codes, outcomes.</summary>
public sealed class IncidentMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Warroom.Incidents";

    private readonly Counter<long> _opened;
    private readonly Counter<long> _resolved;
    private readonly Counter<long> _events;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _alerts;

    public IncidentMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);

        // The factory owns the meter.
        var meter = factory.Create(MeterName);
        _opened = meter.CreateCounter<long>("warroom.incident.opened", "{incident}", "Incidents that were opened.");
        _resolved = meter.CreateCounter<long>("warroom.incident.resolved", "{incident}", "Incidents that were resolved; one that is reopened counts again.");
        _events = meter.CreateCounter<long>("warroom.incident.events", "{event}", "Timeline events that became durable.");
        _refusals = meter.CreateCounter<long>("warroom.incident.refusals", "{command}", "Commands that were refused.");
        _alerts = meter.CreateCounter<long>("warroom.alert.received", "{alert}", "Alerts that were taken in, by where they went.");
    }

    internal void Stored(IncidentDecision decision)
    {
        foreach (var happened in decision.Events)
        {
            _events.Add(1, new KeyValuePair<string, object?>("kind", happened.GetType().Name));
            if (happened is IncidentOpened opened)
                _opened.Add(1, new TagList { { "severity", Word(opened.Severity) }, { "author.kind", Word(opened.By.Kind) } });
            else if (happened is StatusChanged { To: IncidentStatus.Resolved })
                _resolved.Add(1);
        }
    }

    internal void Refused(string errorCode) => _refusals.Add(1, new KeyValuePair<string, object?>("code", errorCode));

    internal void Routed(AlertRoute route) => _alerts.Add(1, new KeyValuePair<string, object?>("outcome", route.Outcome));

    private static string Word<TValue>(TValue value)
        where TValue : struct, Enum => value.ToString().ToLowerInvariant();
}
