using System.Collections.Immutable;
using Warroom.Models;

namespace Warroom.Frontend.Bots;

/// <summary>The answer of <c>GET /api/models</c>.</summary>
public sealed record ModelList
{
    /// <summary>All endpoints, in the order in which they are tried.</summary>
    public required ImmutableArray<ModelEndpoint> Endpoints { get; init; }
}

/// <summary>A model server.</summary>
public sealed record ModelEndpoint
{
    /// <summary>Its address.</summary>
    public required string Url { get; init; }

    /// <summary>Whether it answered just now.</summary>
    public required bool Healthy { get; init; }

    /// <summary>Why it is not healthy.</summary>
    public string? Error { get; init; }

    /// <summary>Its circuit breaker.</summary>
    public required CircuitState Circuit { get; init; }

    /// <summary>Requests that it works on now.</summary>
    public required int Active { get; init; }

    /// <summary>Requests that wait for it.</summary>
    public required int Queued { get; init; }

    /// <summary>What it offers.</summary>
    public required ImmutableArray<OfferedModel> Models { get; init; }
}

/// <summary>A model that an endpoint offers.</summary>
public sealed record OfferedModel
{
    /// <summary>Such as <c>llama3.2:3b</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Such as <c>llama</c>; empty if the endpoint does not say.</summary>
    public required string Family { get; init; }

    /// <summary>Its size in words, such as <c>3.2B</c> parameters; empty if the endpoint does not say.</summary>
    public required string Size { get; init; }

    /// <summary>Whether it is a simulation.</summary>
    public required bool Simulated { get; init; }
}
