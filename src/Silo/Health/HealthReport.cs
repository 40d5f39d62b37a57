using System.Collections.Immutable;

namespace Warroom.Health;

/// <summary>The answer of <c>GET /ready</c> and <c>GET /api/health</c>.</summary>
public sealed record HealthReport
{
    /// <summary><c>ok</c>, <c>degraded</c> (something optional is down) or <c>down</c> (something required is).</summary>
    public required string Status { get; init; }

    /// <summary>Each thing that is needed.</summary>
    public required ImmutableArray<DependencyHealth> Dependencies { get; init; }
}

/// <summary>How one dependency is.</summary>
public sealed record DependencyHealth
{
    /// <summary><c>silo</c>, <c>database</c> or <c>ollama</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>ok</c> or <c>down</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether nothing works without it.</summary>
    public required bool Required { get; init; }

    /// <summary>What is wrong.</summary>
    public string? Error { get; init; }

    /// <summary>How long the answer took, in milliseconds.</summary>
    public double? Milliseconds { get; init; }
}
