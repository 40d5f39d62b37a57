using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>Commands with something sensible in every field.</summary>
internal static class IncidentSamples
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static readonly Author Ada = new() { Kind = AuthorKind.Person, Name = "Ada" };

    public static readonly Author Source = new() { Kind = AuthorKind.Alert, Name = "Alertmanager" };

    public static OpenIncident Open(string title = "Checkout is slow") =>
        new() { OperationId = Guid.NewGuid(), By = Ada, Title = title, Severity = Severity.High, Service = "checkout" };

    public static ChangeIncident Change() => new() { OperationId = Guid.NewGuid(), By = Ada };

    public static ChangeIncident To(IncidentStatus status) => Change() with { Status = status };

    public static PostEntry Post(string text = "Looking at it.") => new() { OperationId = Guid.NewGuid(), By = Ada, Text = text };

    public static LinkServices Link(params ImmutableArray<string> services) => new() { OperationId = Guid.NewGuid(), By = Ada, Services = services };

    public static Alert Alert(string fingerprint = "f1", int startMinute = 0, int? endMinute = null) => new()
    {
        Fingerprint = fingerprint,
        Name = "HighLatency",
        StartsAt = Now.AddMinutes(startMinute),
        EndsAt = endMinute is { } minute ? Now.AddMinutes(minute) : null,
        Summary = "p95 is over 500 ms",
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add("severity", "critical"),
        SourceUrl = "https://prometheus.example/graph",
    };

    public static RecordAlert Record(Alert alert) =>
        new() { OperationId = alert.EndsAt is null ? AlertIds.Fired(alert) : AlertIds.Resolved(alert), By = Source, Alert = alert };
}

/// <summary>An incident without a grain: rules and fold, one command after another.</summary>
internal sealed class PureIncident
{
    public Guid Id { get; } = Guid.CreateVersion7(IncidentSamples.Now);

    public IncidentState? State { get; private set; }

    public List<IncidentEvent> Events { get; } = [];

    public DateTimeOffset Now { get; set; } = IncidentSamples.Now;

    /// <summary>An open incident.</summary>
    public static PureIncident Opened()
    {
        var incident = new PureIncident();
        incident.Do(state => IncidentRules.Open(state, IncidentSamples.Open(), incident.Now));
        return incident;
    }

    /// <summary>Decides, and applies what was decided.</summary>
    public IncidentDecision Do(Func<IncidentState?, IncidentDecision> rule)
    {
        var decision = rule(State);
        foreach (var happened in decision.Events)
        {
            State = IncidentFold.Apply(Id, State, happened);
            Events.Add(happened);
        }

        return decision;
    }

    public IncidentDecision Do(ChangeIncident command) => Do(state => IncidentRules.Change(state, command, Now));

    public IncidentDecision Do(PostEntry command) => Do(state => IncidentRules.Post(state, command, Now));

    public IncidentDecision Do(LinkServices command) => Do(state => IncidentRules.Link(state, command, Now));

    public IncidentDecision Do(RecordAlert command) => Do(state => IncidentRules.RecordAlert(state, command, Now));

    /// <summary>An incident that was led to this status.</summary>
    public static PureIncident In(IncidentStatus status)
    {
        var incident = Opened();
        if (status != IncidentStatus.Open)
            incident.Do(IncidentSamples.To(status));
        return incident;
    }
}
