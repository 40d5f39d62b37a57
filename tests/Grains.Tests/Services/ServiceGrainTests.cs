using Warroom.Cluster;
using Warroom.Streams;
using Warroom.Testing.Persistence;

namespace Warroom.Services;

public sealed class ServiceGrainTests(GrainCluster cluster) : IClassFixture<GrainCluster>, IDisposable
{
    private readonly string _suffix = Guid.NewGuid().ToString("N")[..8];

    public void Dispose() => cluster.Storage.Fault = _ => WriteFault.None;

    [Fact]
    public async Task Register_StoresWhatIsSaidAndKeepsTheRest()
    {
        var service = Service("checkout");
        Assert.Null(await service.GetAsync());

        await service.RegisterAsync(new() { Description = " Takes money ", Owner = "payments", DependsOn = [Name("Bank"), Name("bank")], Health = ServiceHealth.Healthy });
        var changed = await service.RegisterAsync(new() { Health = ServiceHealth.Down });

        Assert.Equal(("Takes money", "payments", ServiceHealth.Down), (changed.Description, changed.Owner, changed.Health));
        Assert.Equal([Name("bank")], changed.DependsOn);
        await cluster.DeactivateAllAsync();
        var view = await service.GetAsync();
        Assert.Equal((changed.CreatedAt, changed.UpdatedAt, ServiceHealth.Down), (view!.CreatedAt, view.UpdatedAt, view.Health));
    }

    [Fact]
    public async Task Register_OfWhatIs_WritesNothing()
    {
        var service = Service("same");
        var first = await service.RegisterAsync(new() { Owner = "me", DependsOn = [Name("b"), Name("a")] });
        var writes = cluster.Storage.Writes;

        var again = await service.RegisterAsync(new() { Owner = "me", DependsOn = [Name("a"), Name("b")] });

        Assert.Equal(writes, cluster.Storage.Writes);
        Assert.Equal(first.UpdatedAt, again.UpdatedAt);
    }

    [Fact]
    public async Task Changes_AreToldToLists()
    {
        var changes = await cluster.ListenAsync<CatalogueChange>(WarroomStreams.Catalogue);
        await Service("told").RegisterAsync(new());
        await Service("told").RemoveAsync();

        for (var heard = 0; heard < 2;)
        {
            var change = await GrainCluster.NextAsync(changes);
            heard += change.Kind == "service" && change.Id == Name("told") ? 1 : 0;
        }
    }

    [Fact]
    public async Task Remove_TakesItOut_AndItMayComeBack()
    {
        var service = Service("gone");
        await service.RemoveAsync();
        await service.RegisterAsync(new() { Owner = "me" });
        await service.RemoveAsync();
        Assert.Null(await service.GetAsync());
        Assert.Equal("", (await service.RegisterAsync(new())).Owner);
    }

    [Theory]
    [InlineData("With Space", "service.bad_name")]
    [InlineData("Ümlaut", "service.bad_name")]
    public async Task BadNames_AreRefused(string name, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<DomainException>(() => cluster.Grains.GetGrain<IServiceGrain>(name).RegisterAsync(new()))).ErrorCode);

    [Fact]
    public async Task Limits_AreKept()
    {
        var service = Service("limits");
        Assert.Equal("service.too_long", await CodeAsync(service.RegisterAsync(new() { Description = new('x', ServiceRules.DescriptionLengthMax + 1) })));
        Assert.Equal("service.too_long", await CodeAsync(service.RegisterAsync(new() { Owner = new('x', ServiceRules.OwnerLengthMax + 1) })));
        Assert.Equal("service.too_many_dependencies", await CodeAsync(service.RegisterAsync(new() { DependsOn = [.. Enumerable.Range(0, 101).Select(i => $"s{i}")] })));
        Assert.Equal("service.bad_name", await CodeAsync(service.RegisterAsync(new() { DependsOn = ["a b"] })));
        Assert.Null(await service.GetAsync());
    }

    [Fact]
    public async Task Circles_AreRefusedAndNamed()
    {
        Assert.Equal("service.depends_on_itself", await CodeAsync(Service("a").RegisterAsync(new() { DependsOn = [Name("a")] })));
        await Service("a").RegisterAsync(new() { DependsOn = [Name("b")] });
        await Service("b").RegisterAsync(new() { DependsOn = [Name("c"), Name("d")] });
        await Service("d").RegisterAsync(new());

        var refusal = await Assert.ThrowsAsync<DomainException>(() => Service("c").RegisterAsync(new() { DependsOn = [Name("d"), Name("a")] }));

        Assert.Equal("service.depends_on_itself", refusal.ErrorCode);
        Assert.Equal($"{Name("c")} would depend on itself: {Name("c")} → {Name("a")} → {Name("b")} → {Name("c")}.", refusal.Message);
        Assert.Null(await Service("c").GetAsync());
    }

    [Fact]
    public async Task ServicesThatNameEachOtherAtOnce_DoNotWaitForEachOther()
    {
        var both = Task.WhenAll(
            AnyAsync(Service("x").RegisterAsync(new() { DependsOn = [Name("y")] })),
            AnyAsync(Service("y").RegisterAsync(new() { DependsOn = [Name("x")] })));
        await Eventually.CompletesAsync("both registrations", both);
    }

    [Theory]
    [InlineData(WriteFault.FailBefore, "")]
    [InlineData(WriteFault.FailAfter, "me")]
    public async Task FailedWrite_IsFollowedByARead(WriteFault fault, string ownerStored)
    {
        var service = Service($"failing{fault}".ToLowerInvariant());
        await service.RegisterAsync(new() { Description = "first" });
        var left = 1;
        cluster.Storage.Fault = _ => Interlocked.Decrement(ref left) == 0 ? fault : WriteFault.None;

        await Assert.ThrowsAnyAsync<Exception>(() => service.RegisterAsync(new() { Owner = "me" }));
        Assert.Equal("", (await service.GetAsync())!.Owner);

        Assert.Equal(ownerStored, (await service.RegisterAsync(new() { Health = ServiceHealth.Down })).Owner);
    }

    private static async Task<string> CodeAsync(Task call) => (await Assert.ThrowsAsync<DomainException>(() => call)).ErrorCode;

    private static async Task AnyAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (DomainException)
        {
            // Either may see the other first.
        }
    }

    private string Name(string name) => $"{name}-{_suffix}";

    private IServiceGrain Service(string name) => cluster.Grains.GetGrain<IServiceGrain>(Name(name));
}
