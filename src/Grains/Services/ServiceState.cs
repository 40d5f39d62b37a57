using System.Collections.Immutable;

namespace Warroom.Services;

/// <summary>A service's stored entry; there is none (no record) while it is not registered.</summary>
[GenerateSerializer, Immutable, Alias("warroom.service-state")]
public sealed record ServiceState
{
    /// <summary>The version of this shape. Members are only ever added, with defaults.</summary>
    public const int SchemaNow = 1;

    /// <summary>The shape it was written in.</summary>
    [Id(0)] public int Schema { get; init; } = SchemaNow;

    /// <summary>Its name.</summary>
    [Id(1)] public string Name { get; init; } = "";

    /// <summary>What it is.</summary>
    [Id(2)] public string Description { get; init; } = "";

    /// <summary>Whose it is.</summary>
    [Id(3)] public string Owner { get; init; } = "";

    /// <summary>The services that it needs, in alphabetical order.</summary>
    [Id(4)] public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>How it is, as said.</summary>
    [Id(5)] public ServiceHealth Health { get; init; }

    /// <summary>Whether it is a sample of a first start.</summary>
    [Id(6)] public bool Sample { get; init; }

    /// <summary>When it was registered.</summary>
    [Id(7)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    [Id(8)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>As callers see it.</summary>
    public ServiceView ToView() => new()
    {
        Name = Name,
        Description = Description,
        Owner = Owner,
        DependsOn = DependsOn,
        Health = Health,
        Sample = Sample,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };
}
