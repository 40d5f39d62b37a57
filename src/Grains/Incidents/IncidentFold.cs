using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Incidents;

/// <summary>What an event does to an incident. Pure and total over stored events: replaying a timeline gives the row.</summary>
public static class IncidentFold
{
    /// <summary>The state after the event.</summary>
    /// <param name="id">The incident.</param>
    /// <param name="state">The state before; <see langword="null"/> before event 1.</param>
    /// <param name="happened">The next event.</param>
    public static IncidentState Apply(Guid id, IncidentState? state, IncidentEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (happened is IncidentOpened opened)
        {
            return state is null
                ? Opened(id, opened)
                : throw new InvalidOperationException($"Incident {id} is opened twice: at version {state.Version} comes another opening.");
        }

        if (state is null)
            throw new InvalidOperationException($"The first event of incident {id} is {happened.GetType().Name}, not its opening.");

        var next = state with { Version = state.Version + 1, UpdatedAt = happened.At };
        return happened switch
        {
            EntryPosted => next,
            TitleChanged title => next with { Title = title.To },
            DescriptionChanged description => next with { Description = description.To },
            SeverityChanged severity => next with { Severity = severity.To },
            StatusChanged status => next with { Status = status.To, ResolvedAt = status.To == IncidentStatus.Resolved ? status.At : null },
            ServicesLinked services => next with { Services = state.Services.AddRange(services.Services) },
            AlertFired fired => next with { Alerts = WithFired(state.Alerts, fired.Alert) },
            AlertResolved resolved => next with { Alerts = WithResolved(state.Alerts, resolved.Alert) },
            _ => throw new InvalidOperationException($"Incident {id} has an event of the unknown kind {happened.GetType().Name}."),
        };
    }

    /// <summary>Whether both are the same firing of the same alert.</summary>
    public static bool IsSameFiring(IncidentAlert known, Alert alert)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(alert);
        return known.Fingerprint == alert.Fingerprint && known.StartsAt == alert.StartsAt;
    }

    private static IncidentState Opened(Guid id, IncidentOpened opened) => new()
    {
        Id = id,
        Version = 1,
        Title = opened.Title,
        Description = opened.Description,
        Severity = opened.Severity,
        Status = IncidentStatus.Open,
        Service = opened.Service,
        Services = opened.Service is { } service ? [service] : [],
        CreatedAt = opened.At,
        StartedAt = opened.StartedAt,
        UpdatedAt = opened.At,
        OpenedBy = opened.By,
    };

    // An earlier firing of the same fingerprint whose end was never heard of ended before this one began. Of more than are kept, the oldest that are over go first.
    private static ImmutableArray<IncidentAlert> WithFired(ImmutableArray<IncidentAlert> alerts, Alert alert)
    {
        var next = alerts
            .Select(known => known.Fingerprint == alert.Fingerprint && known.EndsAt is null ? known with { EndsAt = alert.StartsAt > known.StartsAt ? alert.StartsAt : known.StartsAt } : known)
            .Append(AlertRules.ToIncidentAlert(alert))
            .ToImmutableArray();
        if (next.Length <= IncidentLimits.AlertsMax)
            return next;
        var oldestOver = next.Select((known, index) => (known, index)).FirstOrDefault(entry => entry.known.EndsAt is not null).index;
        return next.RemoveAt(oldestOver);
    }

    private static ImmutableArray<IncidentAlert> WithResolved(ImmutableArray<IncidentAlert> alerts, Alert alert) =>
        [.. alerts.Select(known => IsSameFiring(known, alert) ? AlertRules.ToIncidentAlert(alert) : known)];
}
