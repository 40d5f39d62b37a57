using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>A silo as the membership knows it.</summary>
/// <param name="Address">Where it is reached; its generation tells it from earlier silos at the same place.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Status">Active silos own grains; those that shut down still serve until their grains are handed over.</param>
/// <param name="GatewayPort">Where clients connect; 0 if they cannot.</param>
/// <param name="StartedAt">When it joined, by the database's clock.</param>
/// <param name="HandedOver">The newest view for which it has given up every grain that it does not own in it.</param>
internal sealed record ClusterMember(
    SiloAddress Address, string Name, SiloStatus Status, int GatewayPort, DateTimeOffset StartedAt, long HandedOver);

/// <summary>Who is in the cluster. Immutable; every change has a higher version, and all silos see the same changes in the same order.</summary>
/// <param name="Version">Grows with every change of who is there and of what they are doing.</param>
/// <param name="Members">The silos that are there, whatever they are doing; those that are dead are in <see cref="Dead"/>.</param>
internal sealed record ClusterView(long Version, ImmutableArray<ClusterMember> Members)
{
    /// <summary>Nobody is known yet.</summary>
    public static ClusterView Empty { get; } = new(0, []);

    /// <summary>Silos that are gone and still remembered.</summary>
    public ImmutableArray<ClusterMember> Dead { get; init; } = [];

    /// <summary>The member at that address; null if it is dead or was never there.</summary>
    public ClusterMember? Find(SiloAddress address)
    {
        foreach (var member in Members)
            if (member.Address.Equals(address)) return member;
        return null;
    }
}

/// <summary>Follows the cluster's membership; in a silo it is also what keeps the silo in it.</summary>
internal interface IMembership
{
    /// <summary>The newest view.</summary>
    ClusterView View { get; }

    /// <summary>Completes when there is a newer view than the one that has this version.</summary>
    Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken);
}
