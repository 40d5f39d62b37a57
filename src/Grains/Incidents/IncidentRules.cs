using System.Collections.Immutable;
using Warroom.Alerts;
using Warroom.Services;
using Warroom.Text;

namespace Warroom.Incidents;

/// <summary>
/// What may happen to an incident. Pure: the same state, command and time give the same decision. Text is kept as it was written, but for blanks around titles and after texts; what storage cannot hold is refused or replaced
/// (<see cref="StorableText"/>).
/// </summary>
public static class IncidentRules
{
    /// <summary>Opens an incident where there is none.</summary>
    public static IncidentDecision Open(IncidentState? state, OpenIncident command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var title = Trimmed(command.Title);
        var description = TrimmedEnd(command.Description);
        var service = ServiceNames.Normalize(command.Service);
        var refusal = IncidentChecks.Author(command.By) ?? IncidentChecks.Title(title) ?? IncidentChecks.Length("Description", description, IncidentLimits.DescriptionLengthMax)
            ?? IncidentChecks.Length("Service", service, ServiceNames.LengthMax) ?? IncidentChecks.Defined<Severity>(command.Severity)
            ?? IncidentChecks.Nul(("Title", command.Title), ("Description", command.Description), ("Service", command.Service));
        if (refusal is not null)
            return refusal;
        if (state is not null)
            return IncidentDecision.Refuse(RefusalKind.Conflict, "incident.exists", $"Incident {state.Id} exists already; open another with an id of its own.");

        var at = StorableTime.Of(now);
        var by = Storable(command.By);
        var startedAt = command.StartedAt is { } started && started < now ? StorableTime.Of(started) : at;
        var opened = new IncidentOpened
        {
            At = at, By = by, OperationId = command.OperationId,
            Title = title, Description = description, Severity = command.Severity, Service = service, StartedAt = startedAt,
        };
        return command.Alert is { } alert && AlertRules.IsUsable(alert)
            ? IncidentDecision.Of(opened, new AlertFired { At = at, By = by, OperationId = command.OperationId, Alert = AlertRules.Bounded(alert) with { EndsAt = null } })
            : IncidentDecision.Of(opened);
    }

    /// <summary>Changes fields: one event for each that differs.</summary>
    public static IncidentDecision Change(IncidentState? state, ChangeIncident command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var title = command.Title is null ? null : Trimmed(command.Title);
        var description = command.Description is null ? null : TrimmedEnd(command.Description);
        var reason = command.Reason is null ? null : NullIfEmpty(TrimmedEnd(command.Reason));
        var malformed = IncidentChecks.Author(command.By) ?? (title is null ? null : IncidentChecks.Title(title))
            ?? IncidentChecks.Length("Description", description, IncidentLimits.DescriptionLengthMax) ?? IncidentChecks.Length("Reason", reason, IncidentLimits.ReasonLengthMax)
            ?? IncidentChecks.Defined(command.Severity) ?? IncidentChecks.Defined(command.Status)
            ?? IncidentChecks.Nul(("Title", command.Title), ("Description", command.Description), ("Reason", command.Reason));
        if (malformed is not null)
            return malformed;
        if (state is null)
            return IncidentChecks.NotFound;
        if (command.ExpectedVersion is { } expected && expected != state.Version)
        {
            return IncidentDecision.Refuse(
                RefusalKind.Conflict, "incident.version_mismatch", $"The incident is at version {state.Version}, not {expected}: somebody changed it meanwhile. Look at it again, then decide.");
        }

        if (command.Status is { } to && IncidentChecks.Transition(state.Status, to) is { } illegal)
            return illegal;

        var at = StorableTime.Of(now);
        var by = Storable(command.By);
        var events = ImmutableArray.CreateBuilder<IncidentEvent>();
        if (title is not null && title != state.Title)
            events.Add(new TitleChanged { At = at, By = by, OperationId = command.OperationId, From = state.Title, To = title });
        if (description is not null && description != state.Description)
            events.Add(new DescriptionChanged { At = at, By = by, OperationId = command.OperationId, To = description });
        if (command.Severity is { } severity && severity != state.Severity)
            events.Add(new SeverityChanged { At = at, By = by, OperationId = command.OperationId, From = state.Severity, To = severity });
        if (command.Status is { } status && status != state.Status)
            events.Add(new StatusChanged { At = at, By = by, OperationId = command.OperationId, From = state.Status, To = status, Reason = reason });
        return IncidentDecision.Of(events.ToImmutable());
    }

    /// <summary>Writes into the timeline, whatever the status.</summary>
    public static IncidentDecision Post(IncidentState? state, PostEntry command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var text = TrimmedEnd(command.Text);
        if (text.Length == 0)
            return IncidentDecision.Refuse(RefusalKind.Invalid, "incident.text_required", "Text is required");
        var refusal = IncidentChecks.Author(command.By) ?? IncidentChecks.Length("Text", text, IncidentLimits.EntryLengthMax) ?? IncidentChecks.Nul(("Text", command.Text));
        if (refusal is not null)
            return refusal;
        return state is null
            ? IncidentChecks.NotFound
            : IncidentDecision.Of(new EntryPosted { At = StorableTime.Of(now), By = Storable(command.By), OperationId = command.OperationId, Text = text });
    }

    /// <summary>Links the services that are not linked yet.</summary>
    public static IncidentDecision Link(IncidentState? state, LinkServices command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var names = command.Services.IsDefault ? [] : command.Services.Select(ServiceNames.Normalize).OfType<string>().Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (names.IsEmpty)
            return IncidentDecision.Refuse(RefusalKind.Invalid, "incident.services_required", "Name at least one service.");
        var malformed = IncidentChecks.Author(command.By) ?? names.Select(name => IncidentChecks.Length("Service", name, ServiceNames.LengthMax)).FirstOrDefault(refusal => refusal is not null)
            ?? command.Services.Select(name => IncidentChecks.Nul(("Service", name))).FirstOrDefault(refusal => refusal is not null);
        if (malformed is not null)
            return malformed;
        if (state is null)
            return IncidentChecks.NotFound;

        var added = names.RemoveRange(state.Services);
        if (state.Services.Length + added.Length > IncidentLimits.ServicesMax)
        {
            return IncidentDecision.Refuse(
                RefusalKind.Conflict, "incident.too_many_services", $"An incident is linked to at most {IncidentLimits.ServicesMax} services; this would make {state.Services.Length + added.Length}.");
        }

        return added.IsEmpty
            ? IncidentDecision.Unchanged
            : IncidentDecision.Of(new ServicesLinked { At = StorableTime.Of(now), By = Storable(command.By), OperationId = command.OperationId, Services = added });
    }

    /// <summary>Records that an alert fires, which a resolved incident refuses (its router then opens another), or that it is over, which does not resolve the incident.</summary>
    public static IncidentDecision RecordAlert(IncidentState? state, RecordAlert command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!AlertRules.IsUsable(command.Alert))
            return IncidentDecision.Refuse(RefusalKind.Invalid, "incident.bad_alert", "The alert has no fingerprint, or one that is too long.");
        if (IncidentChecks.Author(command.By) is { } malformed)
            return malformed;
        if (state is null)
            return IncidentChecks.NotFound;

        var alert = AlertRules.Bounded(command.Alert);
        var known = state.Alerts.FirstOrDefault(other => IncidentFold.IsSameFiring(other, alert));
        var at = StorableTime.Of(now);
        var by = Storable(command.By);
        if (alert.EndsAt is not null)
        {
            return known?.EndsAt is not null
                ? IncidentDecision.Unchanged
                : IncidentDecision.Of(new AlertResolved { At = at, By = by, OperationId = command.OperationId, Alert = alert });
        }

        if (known is not null)
            return IncidentDecision.Unchanged;
        return state.Status == IncidentStatus.Resolved
            ? IncidentDecision.Refuse(RefusalKind.Conflict, "incident.already_resolved", "The incident is resolved; the alert needs another one.")
            : IncidentDecision.Of(new AlertFired { At = at, By = by, OperationId = command.OperationId, Alert = alert });
    }

    private static string Trimmed(string? text) => StorableText.Of((text ?? "").Trim());

    private static string TrimmedEnd(string? text) => StorableText.Of((text ?? "").TrimEnd());

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static Author Storable(Author author) => author with { Name = Trimmed(author.Name) };
}
