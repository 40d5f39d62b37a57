using System.Collections.Immutable;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>The times by which a silo keeps its lease, in milliseconds of its own monotonic clock.</summary>
/// <param name="HeartbeatMs">Between two renewals.</param>
/// <param name="LeaseMs">How long one renewal lasts.</param>
/// <param name="MarginMs">How long before that the silo stops.</param>
internal sealed record LeaseTimes(long HeartbeatMs, long LeaseMs, long MarginMs);

/// <summary>A silo that serves no more, and the number of its last renewal.</summary>
/// <param name="Row">What is known of it.</param>
/// <param name="Heartbeat">The number of its last renewal.</param>
/// <param name="IsReplaced">Whether it has ended, as this silo's listening in its place shows; otherwise it has not renewed its lease for as long as that lasts.</param>
internal sealed record Suspect(MemberRow Row, long Heartbeat, bool IsReplaced);

/// <summary>
/// What one silo decides about its membership: whether its lease holds, who is dead, what is to be handed over, whether it is out. Pure: told what
/// happened and when, it says what to do; it has no clock, no store and no threads of its own, so that a simulation can drive it. Not thread-safe.
/// </summary>
/// <remarks>
/// Leases need no common clock. A silo may serve until its lease has passed since it <i>sent</i> a renewal that was granted. Another silo that has
/// looked at the store for as long as a lease, and saw the same renewal all the time, knows that this moment has passed; it then declares that silo
/// dead on condition that the renewal is still the last. Only time during which it looked counts: after an outage of the store everybody gets time
/// to come back. A lease that ran out is no death: the silo serves nothing until it is renewed, which the store grants unless it was declared dead.
/// An earlier silo of the same place need not be waited for: while this silo listens there, that one does not, and a silo listens for as long as it may serve.
/// </remarks>
internal sealed class MemberLogic
{
    private readonly Guid _incarnation;
    private readonly LeaseTimes _times;
    private readonly Dictionary<Guid, Silence> _silences = [];
    private long? _lastContactMs;

    public MemberLogic(SiloAddress self, Guid incarnation, LeaseTimes times)
    {
        Self = self;
        _incarnation = incarnation;
        _times = times;
        Ownership = new Ownership(Table, self);
    }

    public SiloAddress Self { get; }

    /// <summary>The newest table that is known.</summary>
    public MembershipTable Table { get; private set; } = MembershipTable.Empty;

    /// <summary>Ownership by that table.</summary>
    public Ownership Ownership { get; private set; }

    /// <summary>Until when the lease holds, by this silo's clock.</summary>
    public long DeadlineMs { get; private set; } = long.MinValue;

    /// <summary>Why the silo must serve nothing more; null if it may.</summary>
    public string? OutBecause { get; private set; }

    /// <summary>The newest view for which everything but <see cref="Held"/> was given up.</summary>
    public long HandedOver { get; private set; }

    public ImmutableArray<long> Held { get; private set; } = [];

    /// <summary>This silo's row as it is known; null before it joined and when it is gone.</summary>
    public MemberRow? Row => Table.Find(_incarnation);

    /// <summary>Whether something may have to be given up.</summary>
    public bool HandOverIsDue => OutBecause is null && (HandedOver < Table.Version || !Held.IsEmpty) && Row is { IsAlive: true, ActiveFrom: not MemberRow.Never };

    /// <summary>Whether the store is to be told what was given up.</summary>
    public bool ReportIsDue => OutBecause is null && Row is { IsAlive: true, ActiveFrom: not MemberRow.Never } row
        && (row.HandedOver < HandedOver || (row.HandedOver == HandedOver && !row.Held.AsSpan().SequenceEqual(Held.AsSpan())));

    public bool HoldsLease(long nowMs) => OutBecause is null && nowMs < DeadlineMs;

    /// <summary>A table was read. True if it is newer than the known one.</summary>
    public bool Learn(MembershipTable table)
    {
        if (table.Revision <= Table.Revision) return false;
        var wasMember = Row is not null;
        Table = table;
        Ownership = new Ownership(table, Self);
        if (OutBecause is not null) return true;
        if (wasMember && Row is not { IsAlive: true }) OutBecause = "another silo has declared it dead, because it did not renew its lease in time";

        // What became an owner in this view has nothing to give up for it.
        if (Row is { ActiveFrom: not MemberRow.Never } row && HandedOver < row.ActiveFrom) HandedOver = row.ActiveFrom;
        return true;
    }

    /// <summary>A renewal that was sent at that time has been answered with this table. Only what counts up the heartbeat is one.</summary>
    public bool OnRenewed(long sentMs, long nowMs, MembershipTable table)
    {
        var isNewer = Learn(table);
        Observe(nowMs, table);

        // Whatever its revision: a store that was emptied, or put back to an earlier state, counts anew.
        if (OutBecause is null && Row is not null && table.Find(_incarnation) is null) OutBecause = "the store does not know it any more";
        if (OutBecause is null && table.Find(_incarnation) is { IsAlive: true })
            DeadlineMs = Math.Max(DeadlineMs, sentMs + _times.LeaseMs - _times.MarginMs);
        return isNewer;
    }

    /// <summary>What this silo does not own in that view it has given up, but for grains with keys of these hashes.</summary>
    public void OnHandedOver(long version, ImmutableArray<long> held)
    {
        if (version < HandedOver) return;
        HandedOver = version;
        Held = held;
    }

    /// <summary>The silos that are to be declared dead.</summary>
    /// <param name="place">Where this silo listens now, if it does and if that can be told.</param>
    public IReadOnlyList<Suspect> Suspects(string? place)
    {
        if (OutBecause is not null) return [];
        List<Suspect>? suspects = null;
        foreach (var row in Table.Rows)
        {
            if (!row.IsAlive || !_silences.TryGetValue(row.Incarnation, out var silence)) continue;
            var isReplaced = place is not null && row.Place == place;
            if (isReplaced || silence.ForMs >= _times.LeaseMs) (suspects ??= []).Add(new Suspect(row, silence.Heartbeat, isReplaced));
        }

        return suspects ?? (IReadOnlyList<Suspect>)[];
    }

    private void Observe(long nowMs, MembershipTable table)
    {
        var passedMs = Math.Min(nowMs - (_lastContactMs ?? nowMs), 2 * _times.HeartbeatMs);
        _lastContactMs = nowMs;
        foreach (var row in table.Rows)
        {
            if (row.Incarnation == _incarnation) continue;
            if (!row.IsAlive) _silences.Remove(row.Incarnation);
            else if (!_silences.TryGetValue(row.Incarnation, out var silence) || row.Heartbeat > silence.Heartbeat) _silences[row.Incarnation] = new(row.Heartbeat, 0);
            else _silences[row.Incarnation] = silence with { ForMs = silence.ForMs + passedMs };
        }
    }

    /// <summary>For how long a silo has been seen with the same number of renewals.</summary>
    private sealed record Silence(long Heartbeat, long ForMs);
}
