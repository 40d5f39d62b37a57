using System.Collections.Immutable;
using System.Net;
using System.Text;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;

namespace Warroom.Engine.Tests.Membership;

/// <summary>Who owns what, and what may be activated.</summary>
public sealed class PlacementTests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void KeyHash_IsXxh64(string text, ulong hash) => Assert.Equal(hash, KeyHash.Of(text));

    [Fact]
    public void KeyHash_OfTexts_IsThatOfTheirUtf8()
    {
        foreach (var text in new[] { "ä", "日本語 🙂", new string('x', 255), new string('é', 5000) })
            Assert.Equal(KeyHash.Of(Encoding.UTF8.GetBytes(text)), KeyHash.Of(text));
    }

    /// <summary>These are never to change: silos of two versions would both believe to own a grain.</summary>
    [Fact]
    public void Rendezvous_Owners_AreTheSameInEveryVersion()
    {
        var owners = new Rendezvous(Silos(5));
        var ports = Enumerable.Range(0, 24).Select(i => owners.Owner(KeyHash.Of($"key {i}"))!.Endpoint.Port - 11_111);
        Assert.Equal(Expected, string.Concat(ports));
    }

    [Fact]
    public void Rendezvous_OrderOfSilos_DoesNotMatter()
    {
        var (one, two) = (new Rendezvous(Silos(7)), new Rendezvous(Silos(7).Reverse()));
        for (var i = 0; i < 1000; i++) Assert.Equal(one.Owner(KeyHash.Of($"{i}")), two.Owner(KeyHash.Of($"{i}")));
    }

    [Fact]
    public void Rendezvous_SharesAreEven_AndASiloThatComesTakesOnlyItsOwn()
    {
        var (three, four) = (new Rendezvous(Silos(3)), new Rendezvous(Silos(4)));
        var hashes = Enumerable.Range(0, 40_000).Select(i => KeyHash.Of(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(i)).ToString())).ToList();
        var shares = hashes.CountBy(hash => four.Owner(hash)!).Select(count => count.Value);
        Assert.All(shares, share => Assert.InRange(share, 9_500, 10_500));
        var fresh = Silos(4).Last();
        Assert.All(hashes, hash => Assert.True(three.Owner(hash)!.Equals(four.Owner(hash)) || four.Owner(hash)!.Equals(fresh)));
    }

    [Fact]
    public void MayActivate_WhatAnotherHadBefore_OnlyWhenItHasHandedOver()
    {
        var table = Start(2);
        var hash = MovedBy(ref table, Silo(3), from: 1);
        Assert.True(For(table, 3).Owns(hash));
        Assert.False(For(table, 3).MayActivate(hash));
        Assert.False(For(table, 1).MayActivate(hash));

        table = MembershipRules.ReportHandedOver(table, Id(2), table.Version, []);
        Assert.False(For(table, 3).MayActivate(hash));
        table = MembershipRules.ReportHandedOver(table, Id(1), table.Version, []);
        Assert.True(For(table, 3).MayActivate(hash));
        Assert.True(For(table, 3).IsSettled);
    }

    [Fact]
    public void MayActivate_WhatADeadSiloHad_AtOnce()
    {
        var table = Start(2);
        var hash = MovedBy(ref table, Silo(3), from: 1);
        table = MembershipRules.SetStatus(table, Id(1), SiloStatus.Dead);
        Assert.True(For(table, 3).MayActivate(hash));
    }

    [Fact]
    public void MayActivate_WhatAnotherStillHolds_OnlyWhenItHasEnded()
    {
        var table = Start(2);
        var hash = MovedBy(ref table, Silo(3), from: 1);
        table = MembershipRules.ReportHandedOver(table, Id(2), table.Version, []);
        table = MembershipRules.ReportHandedOver(table, Id(1), table.Version, [(long)hash]);
        Assert.False(For(table, 3).MayActivate(hash));
        Assert.True(Enumerable.Range(0, 1000).Select(i => KeyHash.Of($"{i}")).Where(For(table, 3).Owns).All(For(table, 3).MayActivate));
        table = MembershipRules.ReportHandedOver(table, Id(1), table.Version, []);
        Assert.True(For(table, 3).MayActivate(hash));
    }

    [Fact]
    public void MayActivate_WhatWasAnothersInAViewBetween_WaitsForThatOneToo()
    {
        // 1 had it; then 3 came and got it; then 3 leaves, so that it is 1's again. While 3 may still have it, 1 must not activate it.
        var table = Start(2);
        var hash = MovedBy(ref table, Silo(3), from: 1);
        table = MembershipRules.ReportHandedOver(table, Id(1), table.Version, []);
        table = MembershipRules.ReportHandedOver(table, Id(2), table.Version, []);
        table = MembershipRules.SetStatus(table, Id(3), SiloStatus.ShuttingDown);
        Assert.True(For(table, 1).Owns(hash));
        Assert.False(For(table, 1).MayActivate(hash));
        table = MembershipRules.ReportHandedOver(table, Id(3), table.Version, []);
        Assert.True(For(table, 1).MayActivate(hash));
    }

    [Fact]
    public void HasMoved_AwayAndBack_IsSeenByWhoDidNotSeeTheViewsBetween()
    {
        // 1 had it; then 3 came and got it; then 3 went, so that it is 1's again.
        var table = Start(2);
        var since = table.Version;
        var hash = MovedBy(ref table, Silo(3), from: 1);
        var between = table.Version;
        var unmoved = Enumerable.Range(0, 10_000).Select(i => KeyHash.Of($"moved {i}")).First(other => Silo(2).Equals(For(table, 2).Locate(other)));
        table = MembershipRules.SetStatus(table, Id(3), SiloStatus.Dead);
        var client = new Ownership(table, null);
        Assert.Equal(Silo(1), client.Locate(hash));
        Assert.True(client.HasMoved(hash, since));
        Assert.False(client.HasMoved(hash, between));
        Assert.False(client.HasMoved(hash, table.Version));
        Assert.False(client.HasMoved(unmoved, since));
    }

    [Fact]
    public void IsKnownOwner_WhatAnotherStillHoldsButKnowsToBeLost_AtOnce()
    {
        var table = Start(2);
        var hash = MovedBy(ref table, Silo(3), from: 1);
        table = MembershipRules.ReportHandedOver(table, Id(2), table.Version, []);
        Assert.False(For(table, 3).IsKnownOwner(hash));
        table = MembershipRules.ReportHandedOver(table, Id(1), table.Version, [(long)hash]);
        Assert.True(For(table, 3).IsKnownOwner(hash));
        Assert.False(For(table, 3).MayActivate(hash));
        Assert.False(For(table, 1).IsKnownOwner(hash));
    }

    [Fact]
    public void Client_LocatesButActivatesNothing()
    {
        var table = Start(3);
        var client = new Ownership(table, null);
        for (var i = 0; i < 100; i++)
        {
            var hash = KeyHash.Of($"{i}");
            Assert.Equal(For(table, 1).Locate(hash), client.Locate(hash));
            Assert.False(client.MayActivate(hash));
        }

        Assert.Null(new Ownership(MembershipTable.Empty, null).Locate(1));
    }

    private const string Expected = "010321422241420112304112";

    private static IEnumerable<SiloAddress> Silos(int count) => Enumerable.Range(1, count).Select(Silo);

    private static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Parse("10.0.0.7"), 11_110 + number, 42);

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static Ownership For(MembershipTable table, int number) => new(table, Silo(number));

    private static MembershipTable Start(int count)
    {
        var table = MembershipTable.Empty;
        for (var i = 1; i <= count; i++) table = Add(table, i);
        for (var i = 1; i <= count; i++) table = MembershipRules.ReportHandedOver(table, Id(i), table.Version, []);
        return table;
    }

    private static MembershipTable Add(MembershipTable table, int number) => MembershipRules.SetStatus(
        MembershipRules.Join(table, new JoiningMember(Silo(number), Id(number), $"{number}", 0), "service", default), Id(number), SiloStatus.Active);

    /// <summary>Adds a silo, and finds a key that it got from another.</summary>
    private static ulong MovedBy(ref MembershipTable table, SiloAddress to, int from)
    {
        var before = new Ownership(table, null);
        table = Add(table, to.Endpoint.Port - 11_110);
        var after = new Ownership(table, null);
        return Enumerable.Range(0, 10_000).Select(i => KeyHash.Of($"moved {i}")).First(hash => after.Locate(hash)!.Equals(to) && before.Locate(hash)!.Equals(Silo(from)));
    }
}
