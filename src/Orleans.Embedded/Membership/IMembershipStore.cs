using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>A silo that wants to join.</summary>
internal sealed record JoiningMember(SiloAddress Address, Guid Incarnation, string Name, int GatewayPort, string? Place = null);

/// <summary>
/// Where the membership of one cluster is kept. Every operation is atomic, may be repeated, and gives back the table as it is after it, whether or
/// not it had an effect; what an operation is based on that no longer holds, it does not do. An exception leaves open whether it was done.
/// </summary>
internal interface IMembershipStore : IAsyncDisposable
{
    /// <summary>Checks that the store can be used.</summary>
    /// <exception cref="OrleansConfigurationException">It cannot, and will not without help.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    Task<MembershipTable> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds the silo, not yet as an owner.</summary>
    /// <exception cref="OrleansConfigurationException">The cluster serves another service, or another silo has the same address and generation.</exception>
    Task<MembershipTable> JoinAsync(JoiningMember member, CancellationToken cancellationToken);

    /// <summary>Renews the silo's lease, unless it is dead.</summary>
    Task<MembershipTable> BeatAsync(Guid incarnation, CancellationToken cancellationToken);

    /// <summary>Moves the silo on to <see cref="SiloStatus.Active"/>, <see cref="SiloStatus.ShuttingDown"/> or <see cref="SiloStatus.Dead"/>; never back.</summary>
    Task<MembershipTable> SetStatusAsync(Guid incarnation, SiloStatus status, CancellationToken cancellationToken);

    /// <summary>Declares the silo dead, unless it has renewed its lease since the heartbeat of that number.</summary>
    Task<MembershipTable> DeclareDeadAsync(Guid incarnation, long heartbeat, CancellationToken cancellationToken);

    /// <summary>Says that the silo has given up what it does not own in that view, but for grains with keys of these hashes.</summary>
    Task<MembershipTable> ReportHandedOverAsync(Guid incarnation, long version, ImmutableArray<long> held, CancellationToken cancellationToken);

    /// <summary>Completes when the table may have changed since the last call; it may complete without reason, and may fail to complete although it changed.</summary>
    Task WaitForChangeAsync(CancellationToken cancellationToken);
}
