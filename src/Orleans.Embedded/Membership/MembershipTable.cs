using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>One silo's row in a <see cref="MembershipTable"/>.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Incarnation">Made by the silo at its start: what is done in its name is done in the name of this one life.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="GatewayPort">Where clients connect; 0 if they cannot.</param>
/// <param name="Status">What it is doing.</param>
/// <param name="StartedAt">When it joined, by the store's clock.</param>
/// <param name="Heartbeat">How often it has renewed its lease. That this stands still is how others see that it does not.</param>
/// <param name="ActiveFrom">The view in which it became an owner of grains; <see cref="Never"/> before that.</param>
/// <param name="ActiveUntil">The view in which it ceased to be one; <see cref="Never"/> before that.</param>
/// <param name="HandedOver">The newest view for which it said that it has given up what it does not own in it, but for <paramref name="Held"/>.</param>
/// <param name="Held">Hashes of keys of grains that it does not own in that view and still has.</param>
/// <param name="Place">Where its port is (<see cref="NetworkHost"/>): no two processes listen at one place at a time. Null if that cannot be told.</param>
internal sealed record MemberRow(
    SiloAddress Address, Guid Incarnation, string Name, int GatewayPort, SiloStatus Status, DateTimeOffset StartedAt,
    long Heartbeat, long ActiveFrom, long ActiveUntil, long HandedOver, ImmutableArray<long> Held, string? Place)
{
    /// <summary>A view that never comes.</summary>
    public const long Never = long.MaxValue;

    public bool IsAlive => Status != SiloStatus.Dead;

    /// <summary>Whether it owned grains in that view.</summary>
    public bool OwnsIn(long version) => ActiveFrom <= version && version < ActiveUntil;

    public ClusterMember ToMember() => new(Address, Name, Status, GatewayPort, StartedAt, HandedOver);
}

/// <summary>
/// What the store holds of one cluster, read at one moment. From the views in which each silo became and ceased to be an owner, every earlier view
/// can be told, as far back as the rows of the dead reach.
/// </summary>
/// <param name="ServiceId">The service that the cluster serves; empty while the cluster is unknown.</param>
/// <param name="Version">The view.</param>
/// <param name="Revision">Grows with every change but heartbeats: of two tables, that with the higher revision is the newer.</param>
/// <param name="Rows">All silos, the dead included for a while.</param>
internal sealed record MembershipTable(string ServiceId, long Version, long Revision, ImmutableArray<MemberRow> Rows)
{
    public static MembershipTable Empty { get; } = new("", 0, 0, []);

    public MemberRow? Find(Guid incarnation)
    {
        foreach (var row in Rows)
            if (row.Incarnation == incarnation) return row;
        return null;
    }

    public ClusterView ToView() => new(Version, [.. Rows.Where(row => row.IsAlive).Select(row => row.ToMember())])
    {
        Dead = [.. Rows.Where(row => !row.IsAlive).Select(row => row.ToMember())],
    };
}
