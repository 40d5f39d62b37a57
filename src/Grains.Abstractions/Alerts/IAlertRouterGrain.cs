using System.Collections.Immutable;
using Warroom.Incidents;

namespace Warroom.Alerts;

/// <summary>Alerts of one service that came in together.</summary>
[GenerateSerializer, Immutable, Alias("warroom.alert-batch")]
public sealed record AlertBatch
{
    /// <summary>The alerts with the severity that each asks for an incident that it opens.</summary>
    [Id(0)] public required ImmutableArray<RoutedAlert> Alerts { get; init; }

    /// <summary>The source, such as <c>Alertmanager</c>.</summary>
    [Id(1)] public required string Source { get; init; }
}

/// <summary>An alert and how bad an incident is that it opens.</summary>
[GenerateSerializer, Immutable, Alias("warroom.routed-alert")]
public sealed record RoutedAlert
{
    /// <summary>The alert.</summary>
    [Id(0)] public required Alert Alert { get; init; }

    /// <summary>From its label <c>severity</c>.</summary>
    [Id(1)] public required Severity Severity { get; init; }
}

/// <summary>Where one alert of a batch went.</summary>
[GenerateSerializer, Immutable, Alias("warroom.alert-route")]
public sealed record AlertRoute
{
    /// <summary>The alert's fingerprint.</summary>
    [Id(0)] public required string Fingerprint { get; init; }

    /// <summary>The incident, or <see langword="null"/> if the news was old or about an alert that was never seen firing.</summary>
    [Id(1)] public Guid? IncidentId { get; init; }

    /// <summary><c>opened</c>, <c>joined</c>, <c>resolved</c>, <c>repeated</c> or <c>ignored</c>.</summary>
    [Id(2)] public required string Outcome { get; init; }
}

/// <summary>
/// Decides for one service where its alerts go. Key: the service's name (label <c>service</c>, otherwise <c>job</c>, otherwise <c>unassigned</c>), lower case. A firing alert that is new opens an incident or joins the
/// service's unresolved one, whoever opened it (opened for it rather than linked to it, the newest first); one that is over adds to that incident's timeline; the same news twice, or news older than what is known of that fingerprint, changes nothing.
/// </summary>
[Alias("warroom.alert-router")]
public interface IAlertRouterGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes in a batch; when it completes, all of it is durable. Safe to repeat: an alert source that gets no answer sends again. Refusals: <c>alert.too_many</c> (over <see cref="AlertLimits.BatchMax"/>),
    /// <c>alert.try_again</c>, and those of <see cref="IIncidentGrain"/> that say to send again.
    /// </summary>
    [Alias("receive")]
    Task<ImmutableArray<AlertRoute>> ReceiveAsync(AlertBatch batch, CancellationToken cancellationToken = default);
}
