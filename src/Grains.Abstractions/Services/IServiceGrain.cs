using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orleans.Concurrency;

namespace Warroom.Services;

/// <summary>How a service is, as said by its people.</summary>
[JsonConverter(typeof(EnumWords<ServiceHealth>))]
public enum ServiceHealth
{
    /// <summary>Nobody has said.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown,

    /// <summary>All is well.</summary>
    [JsonStringEnumMemberName("healthy")] Healthy,

    /// <summary>It works, but not as it should.</summary>
    [JsonStringEnumMemberName("degraded")] Degraded,

    /// <summary>It does not work.</summary>
    [JsonStringEnumMemberName("down")] Down,
}

/// <summary>A service of the catalogue.</summary>
[GenerateSerializer, Immutable, Alias("warroom.service-view")]
public sealed record ServiceView
{
    /// <summary>Its name: lower-case letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; at most 100 characters.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>What it is; up to 2,000 characters.</summary>
    [Id(1)] public string Description { get; init; } = "";

    /// <summary>Whose it is; up to 100 characters.</summary>
    [Id(2)] public string Owner { get; init; } = "";

    /// <summary>The services that it needs; at most 100.</summary>
    [Id(3)] public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>How it is, as said.</summary>
    [Id(4)] public ServiceHealth Health { get; init; }

    /// <summary>Whether it is one of the samples of a first start.</summary>
    [Id(5)] public bool Sample { get; init; }

    /// <summary>When it was registered.</summary>
    [Id(6)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    [Id(7)] public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Registers a service or changes its entry; what is <see langword="null"/> stays.</summary>
[GenerateSerializer, Immutable, Alias("warroom.register-service")]
public sealed record RegisterService
{
    /// <summary>What it is.</summary>
    [Id(0)] public string? Description { get; init; }

    /// <summary>Whose it is.</summary>
    [Id(1)] public string? Owner { get; init; }

    /// <summary>The services that it needs. One that is not registered may be named; itself is refused, and a circle through it as far as it is found (two that register at the same time may make one).</summary>
    [Id(2)] public ImmutableArray<string>? DependsOn { get; init; }

    /// <summary>How it is.</summary>
    [Id(3)] public ServiceHealth? Health { get; init; }

    /// <summary>Whether it is a sample.</summary>
    [Id(4)] public bool? Sample { get; init; }
}

/// <summary>
/// One service of the catalogue. Key: its name. When a task completes, the change is durable and a <see cref="Streams.CatalogueChange"/> is published. Commands are
/// idempotent. Refusals: <c>service.bad_name</c>, <c>service.not_found</c>, <c>service.too_long</c>, <c>service.bad_text</c>, <c>service.depends_on_itself</c>, <c>service.too_many_dependencies</c>, <c>service.unknown_value</c>.
/// </summary>
[Alias("warroom.service")]
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Registers it, or changes its entry if it is registered.</summary>
    [Alias("register")]
    Task<ServiceView> RegisterAsync(RegisterService command, CancellationToken cancellationToken = default);

    /// <summary>Its entry as it is stored, or <see langword="null"/> if it is not registered. Gets in between, so that services that look at each other's dependencies never wait for each other.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<ServiceView?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes it out of the catalogue; incidents keep its name. No error if it is not there.</summary>
    [Alias("remove")]
    Task RemoveAsync(CancellationToken cancellationToken = default);
}
