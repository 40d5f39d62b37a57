namespace Warroom.Frontend.Hosting;

/// <summary>The answer of <c>GET /api/about</c>.</summary>
public sealed record About
{
    /// <summary>The product's version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether a model that would answer now is a simulation.</summary>
    public required bool SimulatedModels { get; init; }

    /// <summary>Whether the catalogue holds samples.</summary>
    public required bool SampleServices { get; init; }
}
