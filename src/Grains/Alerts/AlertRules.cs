using System.Collections.Immutable;
using Warroom.Text;

namespace Warroom.Alerts;

/// <summary>What holds for one alert wherever it goes. Pure.</summary>
public static class AlertRules
{
    /// <summary>Whether the alert can be told apart: without a fingerprint it cannot.</summary>
    public static bool IsUsable(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return !string.IsNullOrWhiteSpace(alert.Fingerprint) && alert.Fingerprint.Length <= AlertLimits.FingerprintLengthMax;
    }

    /// <summary>The alert within <see cref="AlertLimits"/>, storable, with times in UTC and an end that is not before its start.</summary>
    public static Alert Bounded(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var name = (alert.Name ?? "").Trim();
        var startsAt = StorableTime.Of(alert.StartsAt);
        DateTimeOffset? endsAt = alert.EndsAt is { } end ? StorableTime.Of(end) : null;
        return alert with
        {
            Fingerprint = StorableText.Of(alert.Fingerprint),
            Name = name.Length == 0 ? "alert" : StorableText.Cut(name, AlertLimits.NameLengthMax),
            StartsAt = startsAt,
            EndsAt = endsAt < startsAt ? startsAt : endsAt,
            Summary = StorableText.Cut(alert.Summary ?? "", AlertLimits.SummaryLengthMax),
            Labels = BoundedLabels(alert.Labels),
            SourceUrl = IsSafeUrl(alert.SourceUrl) ? StorableText.Of(alert.SourceUrl!) : null,
        };
    }

    /// <summary>The alert as an incident's view shows it.</summary>
    public static IncidentAlert ToIncidentAlert(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return new()
        {
            Fingerprint = alert.Fingerprint,
            Name = alert.Name,
            StartsAt = alert.StartsAt,
            EndsAt = alert.EndsAt,
            Summary = alert.Summary,
            SourceUrl = alert.SourceUrl,
        };
    }

    private static ImmutableSortedDictionary<string, string> BoundedLabels(ImmutableSortedDictionary<string, string>? labels)
    {
        if (labels is null || labels.IsEmpty)
            return ImmutableSortedDictionary<string, string>.Empty;

        // The order of names is ordinal, so that which labels are left out does not depend on where it runs.
        var bounded = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal).Take(AlertLimits.LabelsMax))
            bounded[StorableText.Cut(name, AlertLimits.LabelNameLengthMax)] = StorableText.Cut(value ?? "", AlertLimits.LabelValueLengthMax);
        return bounded.ToImmutable();
    }

    private static bool IsSafeUrl(string? address) =>
        address is { Length: <= AlertLimits.SourceUrlLengthMax }
        && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
