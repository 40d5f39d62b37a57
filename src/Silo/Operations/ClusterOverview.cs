using System.Collections.Immutable;

namespace Warroom.Operations;

/// <summary>The answer of <c>GET /api/cluster</c>: the silos, as they reported themselves and as the membership sees them.</summary>
public sealed record ClusterOverview
{
    /// <summary>The cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>When this was read, by the database's clock; all ages refer to it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Those that are there first, by name; then those that ended within the last hour, the latest first. At most 200.</summary>
    public required ImmutableArray<SiloEntry> Silos { get; init; }

    /// <summary>Sums over the silos that are there and report.</summary>
    public required ClusterTotals Totals { get; init; }
}

/// <summary>A silo.</summary>
public sealed record SiloEntry
{
    /// <summary>Its address with its generation, such as <c>127.0.0.1:11111@154222307</c>: no silo before or after has the same.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Where other silos reach it.</summary>
    public required string Address { get; init; }

    /// <summary>What it is doing.</summary>
    public required SiloState Status { get; init; }

    /// <summary>Whether it should have reported by now and has not: the figures are old.</summary>
    public required bool Stale { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was found dead or had ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How old its last report is, in milliseconds. Absent: it has not reported yet.</summary>
    public double? ReportAgeMs { get; init; }

    /// <summary>How long ago it renewed its lease, in milliseconds. Absent: there is no lease (one process), or this engine does not say.</summary>
    public double? LeaseAgeMs { get; init; }

    /// <summary>What it reported last.</summary>
    public SiloFigures? Figures { get; init; }

    /// <summary>The latest order to drain it.</summary>
    public OperatorCommand? Drain { get; init; }
}

/// <summary>Sums over silos.</summary>
public sealed record ClusterTotals
{
    /// <summary>How many serve.</summary>
    public required int Active { get; init; }

    /// <summary>How many hand over.</summary>
    public required int Draining { get; init; }

    /// <summary>How many are there and silent.</summary>
    public required int Stale { get; init; }

    /// <summary>Grains in memory.</summary>
    public required long Activations { get; init; }

    /// <summary>Grain calls in a second.</summary>
    public required double CallsPerSecond { get; init; }

    /// <summary>Calls that wait in mailboxes.</summary>
    public required long MailboxDepth { get; init; }

    /// <summary>Grains by kind, the most numerous first.</summary>
    public required ImmutableArray<GrainCount> Grains { get; init; }
}
