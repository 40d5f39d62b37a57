namespace Warroom.Frontend.Cluster;

/// <summary>The answer of <c>GET /api/cluster/grains/{id}</c>.</summary>
public sealed record GrainPlace
{
    /// <summary>The grain: its type, a slash and its key.</summary>
    public required string Id { get; init; }

    /// <summary>The silo in which it is in memory; absent if it is not.</summary>
    public string? SiloId { get; init; }
}
