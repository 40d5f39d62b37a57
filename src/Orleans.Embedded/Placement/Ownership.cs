using System.Collections.Frozen;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Placement;

/// <summary>
/// Who owns what, told from one reading of the membership, and what this silo may activate. Immutable; made anew with each newer table.
/// </summary>
/// <remarks>
/// A silo that lives and whose <see cref="MemberRow.HandedOver"/> is h can have active, apart from what it named as held, only grains that it owned in a
/// view from h on: it gave up the others before it said h, and later activated by later views. So a grain may be activated by its owner in view n if
/// none of the others that live owned it in a view from their h up to n-1. (A silo that knows views after n is bound by the same rule through
/// this silo's own h.) That needs table and reports to be read at one moment, which they are.
/// </remarks>
internal sealed class Ownership
{
    private readonly MembershipTable _table;
    private readonly Rendezvous _current;
    private readonly int _selfIndex = -1;
    private readonly (Rendezvous Owners, bool[] Blocks)[] _earlier;
    private readonly FrozenSet<ulong> _held;
    private Tuple<long, Rendezvous[]>? _between;

    /// <summary>Ownership as seen by a silo; or by a client, which is no silo.</summary>
    public Ownership(MembershipTable table, SiloAddress? self)
    {
        _table = table;
        Version = table.Version;
        _current = OwnersIn(table, table.Version);
        for (var i = 0; i < _current.Silos.Count; i++)
            if (_current.Silos[i].Equals(self)) _selfIndex = i;

        var others = _selfIndex < 0 ? [] : table.Rows.Where(row => row.IsAlive && !row.Address.Equals(self) && row.ActiveFrom != MemberRow.Never).ToList();
        _earlier = Earlier(table, others);
        _held = others.SelectMany(row => row.Held).Select(hash => (ulong)hash).ToFrozenSet();
    }

    /// <summary>The view that this is about.</summary>
    public long Version { get; }

    /// <summary>Whether this silo waits for others to give grains up.</summary>
    public bool IsSettled => _earlier.Length == 0 && _held.Count == 0;

    public SiloAddress? Locate(ulong keyHash) => _current.Owner(keyHash);

    /// <summary>Whether the key had another owner than now in any view after that one.</summary>
    public bool HasMoved(ulong keyHash, long since)
    {
        if (since >= Version) return false;
        if (Volatile.Read(ref _between) is not { } between || between.Item1 != since)
        {
            // The set of owners changes only where some silo became one or ceased to be one.
            var begins = _table.Rows.SelectMany(row => new[] { row.ActiveFrom, row.ActiveUntil }).Append(since + 1).Where(version => version > since && version <= Version).Distinct();
            between = Tuple.Create<long, Rendezvous[]>(since, [.. begins.Select(version => OwnersIn(_table, version))]);
            Volatile.Write(ref _between, between);
        }

        var owner = _current.Owner(keyHash);
        return Array.Exists(between.Item2, owners => !Equals(owners.Owner(keyHash), owner));
    }

    /// <summary>Whether this silo owns the key, be it given up by its earlier owner or not.</summary>
    public bool Owns(ulong keyHash) => _selfIndex >= 0 && _current.IndexOfOwner(keyHash) == _selfIndex;

    /// <summary>Whether this silo owns the key, and nobody else can have the grain active.</summary>
    public bool MayActivate(ulong keyHash) => IsKnownOwner(keyHash) && (_held.Count == 0 || !_held.Contains(keyHash));

    /// <summary>Whether this silo owns the key, and each earlier owner that lives knows that.</summary>
    public bool IsKnownOwner(ulong keyHash)
    {
        if (!Owns(keyHash)) return false;
        foreach (var (owners, blocks) in _earlier)
            if (owners.IndexOfOwner(keyHash) is var index and >= 0 && blocks[index]) return false;
        return true;
    }

    private static Rendezvous OwnersIn(MembershipTable table, long version) =>
        new(table.Rows.Where(row => row.OwnsIn(version)).Select(row => row.Address));

    /// <summary>The earlier views that somebody has not handed over yet, each set of owners once, with those of them who may still have what they owned.</summary>
    private static (Rendezvous Owners, bool[] Blocks)[] Earlier(MembershipTable table, List<MemberRow> others)
    {
        var open = others.Where(row => row.HandedOver < table.Version).ToList();
        if (open.Count == 0) return [];
        var earlier = new List<(Rendezvous, bool[])>();
        var first = open.Min(row => row.HandedOver);

        // The set of owners changes only where some silo became one or ceased to be one: each stretch between is looked at by its last view.
        var ends = table.Rows.SelectMany(row => new[] { row.ActiveFrom, row.ActiveUntil }).Append(table.Version)
            .Where(version => version > first && version <= table.Version).Select(version => version - 1).Distinct().Order();
        foreach (var version in ends)
        {
            var owners = OwnersIn(table, version);
            var blocks = new bool[owners.Silos.Count];
            for (var i = 0; i < blocks.Length; i++)
                blocks[i] = open.Exists(row => row.HandedOver <= version && row.Address.Equals(owners.Silos[i]));
            if (blocks.Contains(true)) earlier.Add((owners, blocks));
        }

        return [.. earlier];
    }
}
