using System.Collections.Immutable;
using Warroom.Incidents;
using Warroom.Text;

namespace Warroom.Alerts;

/// <summary>What an alert router makes of news. Pure. What it decides to tell an incident is a debt in its state: stored first, paid afterwards, as often as it takes, under ids that follow from the news.</summary>
public static class AlertRouting
{
    /// <summary>How many firings are remembered, those with the newest news.</summary>
    public const int KnownMax = 1_000;

    /// <summary>How long one is remembered without any news of it. Sources repeat what still fires within hours.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromDays(7);

    /// <summary>How old the newest news may be before a repetition of it is worth a write.</summary>
    public static readonly TimeSpan HeardPrecision = TimeSpan.FromHours(1);

    /// <summary>Takes in one piece of news: the state with what is owed, and what to answer (without the incident where none is chosen yet).</summary>
    public static (AlertRouterState State, AlertRoute Route) Hear(AlertRouterState state, RoutedAlert news, string source, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(news);
        if (!AlertRules.IsUsable(news.Alert))
            return (state, new() { Fingerprint = news.Alert.Fingerprint is { Length: > 0 } bad ? StorableText.Cut(bad, AlertLimits.FingerprintLengthMax) : "", Outcome = "ignored" });

        var alert = AlertRules.Bounded(news.Alert);
        var heard = new KnownAlert { Alert = alert, Severity = Enum.IsDefined(news.Severity) ? news.Severity : Severity.Medium, Source = source, HeardAt = StorableTime.Of(now) };
        var known = Latest(state, alert.Fingerprint);
        if (known is not null && alert.StartsAt < known.Alert.StartsAt)
            return (state, Route(known, "ignored", incidentId: null));
        if (known is not null && alert.StartsAt == known.Alert.StartsAt)
            return alert.EndsAt is null ? HearFiringAgain(state, known, heard) : HearResolved(state, known, heard);
        return alert.EndsAt is null
            ? (state with { Known = state.Known.Add(heard with { OwesFired = true }) }, Route(heard, "joined", incidentId: null))
            : HearResolvedUnseen(state, known, heard);
    }

    /// <summary>Gives every firing that has no incident yet to this one.</summary>
    public static AlertRouterState Place(AlertRouterState state, Guid incidentId)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state with
        {
            IncidentId = incidentId,
            Known = [.. state.Known.Select(known => IsUnplaced(known) ? known with { IncidentId = incidentId } : known)],
        };
    }

    /// <summary>Takes firings that are still to be told back from an incident that was resolved before it heard of them.</summary>
    public static AlertRouterState TakeBack(AlertRouterState state, Guid incidentId)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state with
        {
            IncidentId = state.IncidentId == incidentId ? null : state.IncidentId,
            Known = [.. state.Known.Select(known => known.OwesFired && known.IncidentId == incidentId ? known with { IncidentId = null } : known)],
        };
    }

    /// <summary>Whether a firing has no incident yet.</summary>
    public static bool IsUnplaced(KnownAlert known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.OwesFired && known.IncidentId is null;
    }

    /// <summary>The state after a debt was paid.</summary>
    public static AlertRouterState Paid(AlertRouterState state, KnownAlert debt)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(debt);
        return state with { Known = [.. state.Known.Select(known => IsSame(known, debt) ? known with { OwesFired = false, OwesResolved = false } : known)] };
    }

    /// <summary>Forgets what is too old, too much, or overtaken by a newer firing of its fingerprint. What is still owed is kept.</summary>
    public static AlertRouterState Forget(AlertRouterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        var newest = state.Known
            .GroupBy(known => known.Alert.Fingerprint, StringComparer.Ordinal)
            .Select(group => group.MaxBy(known => known.Alert.StartsAt)!)
            .Where(known => now - known.HeardAt <= KnownFor)
            .OrderByDescending(known => known.HeardAt)
            .Take(KnownMax);
        var kept = state.Known.Where(known => known.OwesFired || known.OwesResolved).Union(newest).OrderBy(known => known.HeardAt).ToImmutableArray();
        return kept.Length == state.Known.Length ? state : state with { Known = kept };
    }

    /// <summary>The newest firing of a fingerprint that is remembered.</summary>
    public static KnownAlert? Latest(AlertRouterState state, string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Known.Where(known => known.Alert.Fingerprint == fingerprint).MaxBy(known => known.Alert.StartsAt);
    }

    /// <summary>The title of an incident that the alert opens: its name, and the first line of its summary.</summary>
    public static string TitleOf(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var summary = alert.Summary.Trim();
        var end = summary.AsSpan().IndexOfAny('\r', '\n');
        var firstLine = end < 0 ? summary : summary[..end].TrimEnd();
        return StorableText.Cut(firstLine.Length == 0 ? alert.Name : $"{alert.Name}: {firstLine}", IncidentLimits.TitleLengthMax);
    }

    private static (AlertRouterState State, AlertRoute Route) HearFiringAgain(AlertRouterState state, KnownAlert known, KnownAlert heard)
    {
        if (known.Alert.EndsAt is not null)
            return (state, Route(known, "ignored", known.IncidentId));
        var route = Route(known, "repeated", known.IncidentId);
        return heard.HeardAt - known.HeardAt < HeardPrecision ? (state, route) : (Replace(state, known, known with { HeardAt = heard.HeardAt }), route);
    }

    private static (AlertRouterState State, AlertRoute Route) HearResolved(AlertRouterState state, KnownAlert known, KnownAlert heard) =>
        known.Alert.EndsAt is not null
            ? (state, Route(known, "repeated", known.IncidentId))
            : (Replace(state, known, known with { Alert = heard.Alert, HeardAt = heard.HeardAt, OwesResolved = true }), Route(known, "resolved", known.IncidentId));

    // A firing that was over before it was heard of: remembered, so that news of its beginning, coming late, opens nothing. An earlier firing of the same alert that was never heard to end is over as well.
    private static (AlertRouterState State, AlertRoute Route) HearResolvedUnseen(AlertRouterState state, KnownAlert? earlier, KnownAlert heard)
    {
        var route = Route(heard, "ignored", incidentId: null);
        if (earlier is { Alert.EndsAt: null })
        {
            state = Replace(state, earlier, earlier with { Alert = earlier.Alert with { EndsAt = heard.Alert.EndsAt }, HeardAt = heard.HeardAt, OwesResolved = true });
            route = Route(earlier, "resolved", earlier.IncidentId);
        }

        return (state with { Known = state.Known.Add(heard) }, route);
    }

    private static AlertRouterState Replace(AlertRouterState state, KnownAlert before, KnownAlert after) => state with { Known = state.Known.Replace(before, after) };

    private static bool IsSame(KnownAlert one, KnownAlert other) => one.Alert.Fingerprint == other.Alert.Fingerprint && one.Alert.StartsAt == other.Alert.StartsAt;

    private static AlertRoute Route(KnownAlert known, string outcome, Guid? incidentId) => new() { Fingerprint = known.Alert.Fingerprint, Outcome = outcome, IncidentId = incidentId };
}
