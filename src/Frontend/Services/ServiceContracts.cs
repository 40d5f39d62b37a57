using System.Collections.Immutable;
using Warroom.Services;

namespace Warroom.Frontend.Services;

/// <summary>Body of <c>PUT /api/services/{name}</c>: what is left out stays.</summary>
public sealed record PutServiceRequest
{
    /// <summary>What it is; up to 2,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>Whose it is; up to 100 characters.</summary>
    public string? Owner { get; init; }

    /// <summary>The services that it needs; at most 100.</summary>
    public ImmutableArray<string>? DependsOn { get; init; }

    /// <summary>How it is.</summary>
    public ServiceHealth? Health { get; init; }
}

/// <summary>A service of the catalogue, as <c>GET /api/services</c> gives it.</summary>
public sealed record ServiceEntry
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required string Description { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Owner { get; init; }

    /// <summary>The services that it needs.</summary>
    public required ImmutableArray<string> DependsOn { get; init; }

    /// <summary>How it is, as said.</summary>
    public required ServiceHealth Health { get; init; }

    /// <summary>Whether it is one of the samples of a first start.</summary>
    public required bool Sample { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How many incidents that are not resolved are linked to it.</summary>
    public required int OpenIncidents { get; init; }

    /// <summary>Joins an entry with its count.</summary>
    public static ServiceEntry From(ServiceView service, int openIncidents)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new()
        {
            Name = service.Name,
            Description = service.Description,
            Owner = service.Owner,
            DependsOn = service.DependsOn,
            Health = service.Health,
            Sample = service.Sample,
            CreatedAt = service.CreatedAt,
            UpdatedAt = service.UpdatedAt,
            OpenIncidents = openIncidents,
        };
    }
}
