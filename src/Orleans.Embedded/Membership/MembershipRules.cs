using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>What the operations of <see cref="IMembershipStore"/> do to a table. The statements of <see cref="PostgresMembershipStore"/> say the same in SQL.</summary>
internal static class MembershipRules
{
    /// <summary>So many dead silos are remembered at most.</summary>
    public const int DeadRememberedMax = 64;

    public static MembershipTable Join(MembershipTable table, JoiningMember member, string serviceId, DateTimeOffset now)
    {
        if (table.ServiceId.Length > 0 && table.ServiceId != serviceId) throw OtherService(table.ServiceId, serviceId);
        foreach (var row in table.Rows)
        {
            if (row.Incarnation == member.Incarnation) return table;
            if (row.Address.Equals(member.Address)) throw SameAddress(member.Address);
        }

        var joined = new MemberRow(
            member.Address, member.Incarnation, member.Name, member.GatewayPort, SiloStatus.Joining, now,
            Heartbeat: 1, MemberRow.Never, MemberRow.Never, HandedOver: table.Version, Held: [], member.Place);
        return table with { ServiceId = serviceId, Revision = table.Revision + 1, Rows = table.Rows.Add(joined) };
    }

    public static MembershipTable Beat(MembershipTable table, Guid incarnation) =>
        table.Find(incarnation) is { IsAlive: true } row ? Replace(table, row, row with { Heartbeat = row.Heartbeat + 1 }) : table;

    public static MembershipTable SetStatus(MembershipTable table, Guid incarnation, SiloStatus status)
    {
        if (table.Find(incarnation) is not { } row || row.Status >= status) return table;
        var version = table.Version + 1;
        var next = status switch
        {
            SiloStatus.Active => row with { Status = status, ActiveFrom = version, HandedOver = version },
            SiloStatus.ShuttingDown or SiloStatus.Dead => row with { Status = status, ActiveUntil = Math.Min(row.ActiveUntil, version) },
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A silo moves on to Active, ShuttingDown or Dead."),
        };
        return Replace(table, row, next) with { Version = version, Revision = table.Revision + 1 };
    }

    public static MembershipTable DeclareDead(MembershipTable table, Guid incarnation, long heartbeat) =>
        table.Find(incarnation) is { IsAlive: true } row && row.Heartbeat == heartbeat ? SetStatus(table, incarnation, SiloStatus.Dead) : table;

    public static MembershipTable ReportHandedOver(MembershipTable table, Guid incarnation, long version, ImmutableArray<long> held)
    {
        if (table.Find(incarnation) is not { IsAlive: true } row || version < row.HandedOver || version > table.Version) return table;
        return Replace(table, row, row with { HandedOver = version, Held = held }) with { Revision = table.Revision + 1 };
    }

    /// <summary>Forgets the dead that died first. Whoever is forgotten makes no other silo an owner that it was not: it only may hide that one was not.</summary>
    public static MembershipTable Forget(MembershipTable table, Func<MemberRow, bool> isDue)
    {
        var dead = table.Rows.Where(row => !row.IsAlive).OrderByDescending(row => row.ActiveUntil).ToList();
        var forgotten = dead.Where((row, index) => index >= DeadRememberedMax || isDue(row)).Select(row => row.Incarnation).ToHashSet();
        return forgotten.Count == 0 ? table : table with { Rows = [.. table.Rows.Where(row => !forgotten.Contains(row.Incarnation))], Revision = table.Revision + 1 };
    }

    public static OrleansConfigurationException OtherService(string theirs, string ours) => new(
        $"This cluster serves the service \"{theirs}\", and this silo is of the service \"{ours}\": give both the same ServiceId, or give this silo another ClusterId.");

    public static OrleansConfigurationException SameAddress(SiloAddress address) => new(
        $"Another silo has joined as {address} already: two silos that are reached at one address and started within the same second. Give them different addresses or ports.");

    private static MembershipTable Replace(MembershipTable table, MemberRow old, MemberRow next) => table with { Rows = table.Rows.Replace(old, next, ReferenceEqualityComparer.Instance) };
}
