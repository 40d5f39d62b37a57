using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Warroom.Alerts;
using Warroom.Incidents;

namespace Warroom.Frontend.Alerts;

/// <summary>Makes alerts of what Alertmanager sends. Pure.</summary>
internal static class AlertmanagerParser
{
    /// <summary>The most alerts of one message that are taken; more would be a batch that Alertmanager should have split.</summary>
    public const int AlertsMax = 1_000;

    /// <summary>About how many characters go into one batch: far less than a frame between two processes holds.</summary>
    public const int BatchLengthMax = 256 * 1024;

    /// <summary>Where alerts go that name no service.</summary>
    public const string Unassigned = "unassigned";

    private const int LabelsMax = 64;
    private const int LabelLengthMax = 1_024;
    private const int SummaryLengthMax = 4_000;
    private const int NameLengthMax = 200;
    private const int ServiceLengthMax = 100;
    private const int UrlLengthMax = 2_048;

    // Alertmanager writes year 1 for "not over yet".
    private static readonly DateTimeOffset Unset = new(1971, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The alerts by the service they are about, each service's in their order and in one batch or several, and how many could not be read.</summary>
    public static (ImmutableArray<(string Service, AlertBatch Batch)> Batches, int Unreadable) Parse(AlertmanagerMessage message, DateTimeOffset now)
    {
        if (message.Alerts.ValueKind != JsonValueKind.Array)
        {
            throw new DomainException(RefusalKind.Invalid, "alert.alerts_required", "Alerts is required: a list, as in Alertmanager's webhook version 4.");
        }

        if (message.Alerts.GetArrayLength() > AlertsMax)
        {
            throw new DomainException(RefusalKind.TooLarge, "alert.too_many", $"More than {AlertsMax} alerts in one message. Set max_alerts in Alertmanager's webhook_config, or group by more labels.");
        }

        var unreadable = 0;
        var services = new SortedDictionary<string, List<RoutedAlert>>(StringComparer.Ordinal);
        foreach (var element in message.Alerts.EnumerateArray())
        {
            if (TryRead(element, now) is not { } read)
            {
                unreadable++;
                continue;
            }

            if (!services.TryGetValue(read.Service, out var alerts))
            {
                services[read.Service] = alerts = [];
            }

            alerts.Add(read.Alert);
        }

        return ([.. services.SelectMany(service => Batches(service.Value).Select(alerts => (service.Key, new AlertBatch { Alerts = alerts, Source = "Alertmanager" })))], unreadable);
    }

    /// <summary>A label's value as a service's name: lower case, anything else than letters, digits, <c>-</c>, <c>_</c>, <c>.</c> becomes <c>-</c>; <see langword="null"/> if nothing is left.</summary>
    public static string? ServiceName(string? label)
    {
        if (string.IsNullOrWhiteSpace(label))
        {
            return null;
        }

        var name = new StringBuilder(ServiceLengthMax);
        foreach (var character in label.Trim().ToLowerInvariant())
        {
            if (name.Length == ServiceLengthMax)
            {
                break;
            }

            name.Append(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.' ? character : '-');
        }

        return name.ToString().Trim('-') is { Length: > 0 } kept ? kept : null;
    }

    /// <summary>A label <c>severity</c> as people use it.</summary>
    public static Severity SeverityOf(string? label) => label?.Trim().ToLowerInvariant() switch
    {
        "critical" or "page" or "emergency" or "disaster" or "fatal" or "p1" or "sev1" => Severity.Critical,
        "high" or "error" or "major" or "p2" or "sev2" => Severity.High,
        "low" or "info" or "informational" or "none" or "notice" or "p4" or "sev4" => Severity.Low,
        _ => Severity.Medium,
    };

    private static IEnumerable<ImmutableArray<RoutedAlert>> Batches(List<RoutedAlert> alerts)
    {
        var (first, length) = (0, 0);
        for (var i = 0; i < alerts.Count; i++)
        {
            var next = Length(alerts[i].Alert);
            if (i > first && length + next > BatchLengthMax)
            {
                yield return [.. alerts[first..i]];
                (first, length) = (i, 0);
            }

            length += next;
        }

        yield return [.. alerts[first..]];
    }

    private static int Length(Alert alert) => alert.Fingerprint.Length + alert.Name.Length + alert.Summary.Length + (alert.SourceUrl?.Length ?? 0) + alert.Labels.Sum(label => label.Key.Length + label.Value.Length);

    /// <summary>One alert that cannot be read holds up none of the others.</summary>
    private static (string Service, RoutedAlert Alert)? TryRead(JsonElement element, DateTimeOffset now)
    {
        try
        {
            return Read(element, now);
        }
        catch (InvalidOperationException)
        {
            // A name or a text with half a surrogate pair ("\ud800"): JSON allows that to be written, and no string can be made of it.
            return null;
        }
    }

    private static (string Service, RoutedAlert Alert)? Read(JsonElement element, DateTimeOffset now)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var labels = Labels(element);
        if (labels.IsEmpty)
        {
            return null;
        }

        var startsAt = Time(element, "startsAt") ?? now;
        var ended = Text(element, "status") == "resolved";
        var alert = new Alert
        {
            Fingerprint = Text(element, "fingerprint") is { Length: > 0 and <= 100 } given ? given : Fingerprint(labels),
            Name = Cut(labels.GetValueOrDefault("alertname") is { Length: > 0 } name ? name : "unnamed alert", NameLengthMax),
            StartsAt = startsAt,
            EndsAt = ended ? Time(element, "endsAt") ?? now : null,
            Summary = Cut(Annotation(element, "summary") ?? Annotation(element, "description") ?? Annotation(element, "message") ?? "", SummaryLengthMax),
            Labels = labels,
            SourceUrl = Url(Text(element, "generatorURL")),
        };
        var service = ServiceName(labels.GetValueOrDefault("service")) ?? ServiceName(labels.GetValueOrDefault("job")) ?? Unassigned;
        return (service, new RoutedAlert { Alert = alert, Severity = SeverityOf(labels.GetValueOrDefault("severity")) });
    }

    private static ImmutableSortedDictionary<string, string> Labels(JsonElement alert)
    {
        if (!alert.TryGetProperty("labels", out var labels) || labels.ValueKind != JsonValueKind.Object)
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }

        var kept = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

        // Which of too many labels are kept must not hang on their order; those that decide where an alert goes are kept in any case.
        foreach (var label in labels.EnumerateObject().OrderBy(label => label.Name is "alertname" or "service" or "job" or "severity" or "instance" ? 0 : 1).ThenBy(label => label.Name, StringComparer.Ordinal))
        {
            if (kept.Count < LabelsMax && label.Name.Length is > 0 and <= LabelLengthMax && label.Value.ValueKind == JsonValueKind.String)
            {
                kept[label.Name] = Cut(label.Value.GetString()!, LabelLengthMax);
            }
        }

        return kept.ToImmutable();
    }

    /// <summary>For a sender that gives none: made of the labels, as Alertmanager's is.</summary>
    private static string Fingerprint(ImmutableSortedDictionary<string, string> labels) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', labels.Select(label => $"{label.Key}={label.Value}")))).AsSpan(0, 8));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Annotation(JsonElement alert, string name) =>
        alert.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object ? Text(annotations, name) : null;

    private static DateTimeOffset? Time(JsonElement alert, string name) =>
        Text(alert, name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time > Unset ? time : null;

    private static string? Url(string? text) =>
        text is { Length: > 0 and <= UrlLengthMax } && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? text : null;

    private static string Cut(string text, int length) => text.Length <= length ? text : char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
}
