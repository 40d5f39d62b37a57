using System.Collections.Immutable;
using System.Net;
using Orleans.Embedded.Membership;

namespace Warroom.Engine.Tests.Membership;

/// <summary>What every membership store promises.</summary>
public abstract class MembershipStoreTests
{
    private static int s_ports;
    private readonly CancellationToken _none = CancellationToken.None;

    private protected abstract IMembershipStore NewStore(string clusterId, string serviceId = "service");

    [Fact]
    public async Task Join_GivesARowThatOwnsNothing()
    {
        await using var store = NewStore(NewId());
        Assert.Empty((await store.ReadAsync(_none)).Rows);
        var member = NewMember();

        var table = await store.JoinAsync(member, _none);

        var row = Assert.Single(table.Rows);
        Assert.Equal((member.Address, member.Incarnation, member.Name, member.GatewayPort), (row.Address, row.Incarnation, row.Name, row.GatewayPort));
        Assert.Equal((SiloStatus.Joining, 1, MemberRow.Never, MemberRow.Never, 0), (row.Status, row.Heartbeat, row.ActiveFrom, row.ActiveUntil, row.HandedOver));
        Assert.Equal(("service", 0, 1), (table.ServiceId, table.Version, table.Revision));
    }

    [Fact]
    public async Task EveryOperation_Repeated_ChangesNothingMore()
    {
        await using var store = NewStore(NewId());
        var (one, two) = (NewMember(), NewMember());
        await Twice(() => store.JoinAsync(one, _none));
        await Twice(() => store.JoinAsync(two, _none));
        await Twice(() => store.SetStatusAsync(one.Incarnation, SiloStatus.Active, _none));
        await Twice(() => store.SetStatusAsync(two.Incarnation, SiloStatus.Active, _none));
        await Twice(() => store.SetStatusAsync(one.Incarnation, SiloStatus.ShuttingDown, _none));
        await Twice(() => store.SetStatusAsync(one.Incarnation, SiloStatus.Dead, _none));
        await Twice(() => store.DeclareDeadAsync(two.Incarnation, 1, _none));

        static async Task Twice(Func<Task<MembershipTable>> operation)
        {
            var first = await operation();
            var second = await operation();
            Assert.Equal((first.Version, first.Revision), (second.Version, second.Revision));
            Assert.Equal(first.Rows.Select(Text), second.Rows.Select(Text));
        }
    }

    [Fact]
    public async Task Statuses_LeaveTheViewsTheyChangedAt()
    {
        await using var store = NewStore(NewId());
        var (one, two) = (NewMember(), NewMember());
        await store.JoinAsync(one, _none);
        await store.SetStatusAsync(one.Incarnation, SiloStatus.Active, _none);
        await store.JoinAsync(two, _none);
        await store.SetStatusAsync(two.Incarnation, SiloStatus.Active, _none);
        await store.SetStatusAsync(one.Incarnation, SiloStatus.ShuttingDown, _none);
        var table = await store.SetStatusAsync(one.Incarnation, SiloStatus.Dead, _none);

        Assert.Equal(4, table.Version);
        var first = table.Find(one.Incarnation)!;
        Assert.Equal((SiloStatus.Dead, 1, 3, 1), (first.Status, first.ActiveFrom, first.ActiveUntil, first.HandedOver));
        var second = table.Find(two.Incarnation)!;
        Assert.Equal((SiloStatus.Active, 2, MemberRow.Never, 2), (second.Status, second.ActiveFrom, second.ActiveUntil, second.HandedOver));

        // Never back.
        Assert.Equal(4, (await store.SetStatusAsync(one.Incarnation, SiloStatus.Active, _none)).Version);
        Assert.Equal(SiloStatus.Dead, (await store.ReadAsync(_none)).Find(one.Incarnation)!.Status);
        var view = table.ToView();
        Assert.Equal((two.Address, one.Address), (Assert.Single(view.Members).Address, Assert.Single(view.Dead).Address));
    }

    [Fact]
    public async Task Beat_CountsUpWithoutAChange_UntilTheSiloIsDead()
    {
        await using var store = NewStore(NewId());
        var member = NewMember();
        var joined = await store.JoinAsync(member, _none);
        await store.BeatAsync(member.Incarnation, _none);
        var beaten = await store.BeatAsync(member.Incarnation, _none);
        Assert.Equal((3, joined.Revision), (Assert.Single(beaten.Rows).Heartbeat, beaten.Revision));

        await store.SetStatusAsync(member.Incarnation, SiloStatus.Dead, _none);
        var dead = Assert.Single((await store.BeatAsync(member.Incarnation, _none)).Rows);
        Assert.Equal((3, SiloStatus.Dead), (dead.Heartbeat, dead.Status));
        Assert.Null((await store.BeatAsync(Guid.NewGuid(), _none)).Find(Guid.Empty));
    }

    [Fact]
    public async Task DeclareDead_AfterARenewal_DoesNothing()
    {
        await using var store = NewStore(NewId());
        var member = NewMember();
        await store.JoinAsync(member, _none);
        await store.BeatAsync(member.Incarnation, _none);
        Assert.True(Assert.Single((await store.DeclareDeadAsync(member.Incarnation, 1, _none)).Rows).IsAlive);
        Assert.False(Assert.Single((await store.DeclareDeadAsync(member.Incarnation, 2, _none)).Rows).IsAlive);
    }

    [Fact]
    public async Task Report_IsKept_UnlessItIsOlderOrOfAViewThatIsNotThere()
    {
        await using var store = NewStore(NewId());
        var (one, two) = (NewMember(), NewMember());
        await store.JoinAsync(one, _none);
        await store.SetStatusAsync(one.Incarnation, SiloStatus.Active, _none);
        await store.JoinAsync(two, _none);
        var before = await store.SetStatusAsync(two.Incarnation, SiloStatus.Active, _none);

        var table = await store.ReportHandedOverAsync(one.Incarnation, 2, [-5, 7], _none);
        Assert.Equal((2, before.Revision + 1), (table.Version, table.Revision));
        Assert.Equal(2, table.Find(one.Incarnation)!.HandedOver);
        Assert.Equal([-5L, 7L], table.Find(one.Incarnation)!.Held.ToArray());
        Assert.Empty((await store.ReportHandedOverAsync(one.Incarnation, 2, [], _none)).Find(one.Incarnation)!.Held);
        Assert.Equal(2, (await store.ReportHandedOverAsync(one.Incarnation, 1, [], _none)).Find(one.Incarnation)!.HandedOver);
        Assert.Equal(2, (await store.ReportHandedOverAsync(one.Incarnation, 3, [], _none)).Find(one.Incarnation)!.HandedOver);
    }

    [Fact]
    public async Task Join_OfAnotherSiloAtTheSameAddress_IsRefused()
    {
        await using var store = NewStore(NewId());
        var member = NewMember();
        await store.JoinAsync(member, _none);
        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => store.JoinAsync(member with { Incarnation = Guid.NewGuid() }, _none));
        Assert.Contains(member.Address.ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Single((await store.ReadAsync(_none)).Rows);
    }

    [Fact]
    public async Task Join_OfAnotherService_IsRefused()
    {
        var id = NewId();
        await using var ours = NewStore(id);
        await using var theirs = NewStore(id, "another");
        await ours.JoinAsync(NewMember(), _none);
        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => theirs.JoinAsync(NewMember(), _none));
        Assert.Contains("\"another\"", refusal.Message, StringComparison.Ordinal);
        Assert.Single((await ours.ReadAsync(_none)).Rows);
    }

    [Fact]
    public async Task Clusters_WithDifferentIds_DoNotSeeEachOther()
    {
        await using var ours = NewStore(NewId());
        await using var theirs = NewStore(NewId(), "another");
        var member = NewMember();
        await ours.JoinAsync(member, _none);
        await ours.SetStatusAsync(member.Incarnation, SiloStatus.Active, _none);
        await theirs.JoinAsync(member, _none);
        Assert.Equal(1, (await ours.ReadAsync(_none)).Version);
        var theirTable = await theirs.ReadAsync(_none);
        Assert.Equal((0, SiloStatus.Joining), (theirTable.Version, Assert.Single(theirTable.Rows).Status));
    }

    [Fact]
    public async Task Changes_AtOnce_EachHasAVersionOfItsOwn()
    {
        var id = NewId();
        await using var first = NewStore(id);
        await using var second = NewStore(id);
        var members = Enumerable.Range(0, 16).Select(_ => NewMember()).ToList();
        await Task.WhenAll(members.Select((member, i) => (i % 2 == 0 ? first : second).JoinAsync(member, _none)));
        await Task.WhenAll(members.Select((member, i) => (i % 2 == 0 ? first : second).SetStatusAsync(member.Incarnation, SiloStatus.Active, _none)));
        await Task.WhenAll(members.Select((member, i) => (i % 2 == 0 ? second : first).DeclareDeadAsync(member.Incarnation, 1, _none)));

        var table = await first.ReadAsync(_none);
        Assert.Equal((32, 48), (table.Version, table.Revision));
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), table.Rows.Select(row => row.ActiveFrom).Order());
        Assert.Equal(Enumerable.Range(17, 16).Select(i => (long)i), table.Rows.Select(row => row.ActiveUntil).Order());
    }

    [Fact]
    public async Task DeclareDead_ByManyAtOnce_HappensOnce()
    {
        await using var store = NewStore(NewId());
        var member = NewMember();
        await store.JoinAsync(member, _none);
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.DeclareDeadAsync(member.Incarnation, 1, _none)));
        Assert.All(tables, table => Assert.Equal(1, table.Version));
    }

    [Fact]
    public async Task Join_ForgetsTheDeadThatAreTooMany()
    {
        await using var store = NewStore(NewId());
        for (var i = 0; i < MembershipRules.DeadRememberedMax + 5; i++)
        {
            var member = NewMember();
            await store.JoinAsync(member, _none);
            await store.SetStatusAsync(member.Incarnation, SiloStatus.Dead, _none);
        }

        var last = NewMember();
        var table = await store.JoinAsync(last, _none);
        Assert.Equal(MembershipRules.DeadRememberedMax + 1, table.Rows.Length);
        Assert.Equal(6, table.Rows.Where(row => !row.IsAlive).Min(row => row.ActiveUntil));
    }

    [Fact]
    public async Task Join_KeepsThePlace()
    {
        await using var store = NewStore(NewId());
        var (here, unknown) = (NewMember() with { Place = "a machine net:[1] 127.0.0.1:11111" }, NewMember());
        await store.JoinAsync(here, _none);
        var table = await store.JoinAsync(unknown, _none);
        Assert.Equal([here.Place, null], table.Rows.OrderBy(row => row.Place is null).Select(row => row.Place));
    }

    [Fact]
    public async Task WaitForChange_CompletesWithAChangeByAnother()
    {
        var id = NewId();
        await using var ours = NewStore(id);
        await using var theirs = NewStore(id);
        var member = NewMember();
        await theirs.JoinAsync(member, _none);
        await ours.WaitForChangeAsync(_none);
        var waiting = ours.WaitForChangeAsync(_none);
        await theirs.BeatAsync(member.Incarnation, _none);
        Assert.False(waiting.IsCompleted);
        await theirs.SetStatusAsync(member.Incarnation, SiloStatus.Active, _none);
        await Eventually.CompletesAsync("the store to say that something changed", waiting);
    }

    private protected static JoiningMember NewMember()
    {
        var port = Interlocked.Increment(ref s_ports);
        return new JoiningMember(SiloAddress.New(IPAddress.Loopback, port, port * 3), Guid.NewGuid(), $"silo {port}", 30_000);
    }

    protected static string NewId() => $"cluster-{Guid.NewGuid():N}";

    private static string Text(MemberRow row) => $"{row with { Held = ImmutableArray<long>.Empty }} {string.Join(',', row.Held)}";
}

public sealed class InMemoryMembershipStoreTests : MembershipStoreTests
{
    private protected override IMembershipStore NewStore(string clusterId, string serviceId = "service") =>
        new InMemoryMembershipStore(clusterId, serviceId, TimeSpan.FromHours(1), TimeProvider.System);
}
