using System.Net;
using Orleans.Embedded.Membership;

namespace Warroom.Engine.Tests.Membership;

/// <summary>What a silo decides about its lease and about others, in its own time.</summary>
public sealed class MemberLogicTests
{
    private static readonly LeaseTimes Times = new(HeartbeatMs: 1000, LeaseMs: 5000, MarginMs: 100);
    private MembershipTable _table = MembershipTable.Empty;

    [Fact]
    public void Lease_CountsFromWhenTheRenewalWasSent()
    {
        var logic = Join(1);
        Assert.False(logic.HoldsLease(0));
        Beat(logic, 1, sentMs: 1000, nowMs: 3500);
        Assert.True(logic.HoldsLease(5899));
        Assert.False(logic.HoldsLease(5900));
    }

    [Fact]
    public void Lease_ThatRanOut_HoldsAgainWhenItIsRenewed()
    {
        var logic = Join(1);
        Beat(logic, 1, 1000, 1000);
        Assert.False(logic.HoldsLease(60_000));
        Beat(logic, 1, 60_000, 60_010);
        Assert.True(logic.HoldsLease(60_010));
        Assert.Null(logic.OutBecause);
    }

    [Fact]
    public void Lease_OfOneDeclaredDead_HoldsNeverAgain()
    {
        var logic = Join(1);
        Beat(logic, 1, 1000, 1000);
        var granted = MembershipRules.Beat(_table, Id(1));
        _table = MembershipRules.DeclareDead(_table, Id(1), _table.Find(Id(1))!.Heartbeat);
        Assert.True(logic.Learn(_table));
        Assert.NotNull(logic.OutBecause);
        Assert.False(logic.HoldsLease(1001));

        // The answer to an earlier renewal that comes late.
        logic.OnRenewed(1500, 2000, granted);
        Assert.False(logic.HoldsLease(2001));
    }

    [Fact]
    public void Lease_InAStoreThatWasEmptied_EndsTheSilo()
    {
        var logic = Join(1);
        Beat(logic, 1, 1000, 1000);
        logic.OnRenewed(2000, 2000, MembershipTable.Empty);
        Assert.Equal("the store does not know it any more", logic.OutBecause);
        Assert.False(logic.HoldsLease(2001));
    }

    [Fact]
    public void Suspect_IsWhoWasSilentForALeaseOfLooking()
    {
        var logic = Join(1);
        Join(2);
        for (var ms = 1000; ms <= 6000; ms += 1000)
        {
            Beat(logic, 1, ms, ms);
            Assert.Equal(ms >= 6000 ? [Id(2)] : [], logic.Suspects(null).Select(suspect => suspect.Row.Incarnation));
        }

        _table = MembershipRules.Beat(_table, Id(2));
        Beat(logic, 1, 7000, 7000);
        Assert.Empty(logic.Suspects(null));
    }

    [Fact]
    public void Suspect_IsWhoHadThePlaceBefore_AtOnce_AndNobodyOfAnotherPlace()
    {
        Join(1, "here");
        Join(2, "elsewhere");
        Join(3, place: null);
        var logic = Join(4, "here");
        Beat(logic, 4, 1000, 1000);
        var suspect = Assert.Single(logic.Suspects("here"));
        Assert.Equal((Id(1), true), (suspect.Row.Incarnation, suspect.IsReplaced));

        // Not while this silo does not listen, and not one that cannot tell where it is.
        Assert.Empty(logic.Suspects(null));

        // A renewal that was on its way when its process ended: the declaration has no effect, and the next one names the new renewal.
        _table = MembershipRules.Beat(_table, Id(1));
        Assert.True(MembershipRules.DeclareDead(_table, suspect.Row.Incarnation, suspect.Heartbeat).Find(Id(1))!.IsAlive);
        Beat(logic, 4, 2000, 2000);
        suspect = Assert.Single(logic.Suspects("here"));
        Assert.False(MembershipRules.DeclareDead(_table, suspect.Row.Incarnation, suspect.Heartbeat).Find(Id(1))!.IsAlive);
    }

    [Fact]
    public void Outage_OfTheStore_IsNotTimeOfSilence()
    {
        var logic = Join(1);
        Join(2);
        Beat(logic, 1, 1000, 1000);
        Beat(logic, 1, 60_000, 60_000);
        Beat(logic, 1, 61_000, 61_000);
        Assert.Empty(logic.Suspects(null));
        for (var ms = 62_000; ms <= 64_000; ms += 1000) Beat(logic, 1, ms, ms);
        Assert.Single(logic.Suspects(null));
    }

    [Fact]
    public void Tables_ThatCameLate_AreNotLearnt()
    {
        var logic = Join(1);
        var old = _table;
        Join(2);
        Assert.True(logic.Learn(_table));
        Assert.False(logic.Learn(old));
        Assert.Equal(2, logic.Table.Rows.Length);
    }

    [Fact]
    public void HandOver_IsDueWithEachView_AndReportedOnceItIsDone()
    {
        var logic = Join(1);
        _table = MembershipRules.SetStatus(_table, Id(1), SiloStatus.Active);
        logic.Learn(_table);
        Assert.False(logic.HandOverIsDue);

        Join(2);
        _table = MembershipRules.SetStatus(_table, Id(2), SiloStatus.Active);
        logic.Learn(_table);
        Assert.True(logic.HandOverIsDue);
        Assert.False(logic.ReportIsDue);
        logic.OnHandedOver(2, [4]);
        Assert.True(logic.HandOverIsDue);
        Assert.True(logic.ReportIsDue);
        _table = MembershipRules.ReportHandedOver(_table, Id(1), 2, [4]);
        logic.Learn(_table);
        Assert.False(logic.ReportIsDue);
        logic.OnHandedOver(2, []);
        Assert.False(logic.HandOverIsDue);
        Assert.True(logic.ReportIsDue);
    }

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private MemberLogic Join(int number, string? place = null)
    {
        var address = SiloAddress.New(IPAddress.Loopback, number, 1);
        _table = MembershipRules.Join(_table, new JoiningMember(address, Id(number), $"{number}", 0, place), "service", default);
        var logic = new MemberLogic(address, Id(number), Times);
        logic.Learn(_table);
        return logic;
    }

    private void Beat(MemberLogic logic, int number, long sentMs, long nowMs)
    {
        _table = MembershipRules.Beat(_table, Id(number));
        logic.OnRenewed(sentMs, nowMs, _table);
    }
}
