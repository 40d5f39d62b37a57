using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Embedded.Membership;
using Orleans.Hosting;
using Warroom.Engine.Tests.Life;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Membership;

/// <summary>Silos that come, go and die.</summary>
public sealed class ClusterLifeTests(MembershipDatabase database) : IClassFixture<MembershipDatabase>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silos_OfACluster_AgreeOnWhoOwnsWhat(bool inDatabase)
    {
        var id = this.Key() + inDatabase;
        await using var one = await StartAsync(id, inDatabase);
        await using var two = await StartAsync(id, inDatabase);
        await using var three = await StartAsync(id, inDatabase);
        TestSilo[] silos = [one, two, three];
        await AgreeAsync(3, silos);
        await Eventually.HoldsAsync("everything to be handed over", () => Keys(this.Key()).All(key => silos.Count(silo => silo.Placement.MayActivate(key)) == 1));
        Assert.All(Keys(this.Key()), key => Assert.Equal(one.Placement.Locate(key), three.Placement.Locate(key)));
        Assert.Equal(3, Keys(this.Key()).Select(key => two.Placement.Locate(key)).Distinct().Count());
        var hosts = await one.Grains.GetGrain<IManagementGrain>(0).GetHosts();
        Assert.Equal(silos.Select(silo => silo.Address).Order(), hosts.Where(host => host.Value == SiloStatus.Active).Select(host => host.Key).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silo_ThatIsKilled_IsDeclaredDeadAndItsGrainsAreOthers(bool inDatabase)
    {
        var id = this.Key() + inDatabase;
        await using var one = await StartAsync(id, inDatabase);
        await using var two = await StartAsync(id, inDatabase);
        await AgreeAsync(2, one, two);
        two.Kill();
        await AgreeAsync(1, one);
        Assert.Equal((two.Address, SiloStatus.Dead), (Assert.Single(one.View.Dead).Address, one.View.Dead[0].Status));
        Assert.All(Keys(this.Key()), key => Assert.True(one.Placement.MayActivate(key)));
        Assert.All(Keys(this.Key()), key => Assert.False(two.Placement.MayActivate(key)));
        Assert.Equal(SiloStatus.Dead, (await one.Grains.GetGrain<IManagementGrain>(0).GetHosts())[two.Address]);
        Assert.Equal([one.Address], (await one.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silo_InThePlaceOfOneThatWasKilled_NeedNotWaitForItsLease(bool inDatabase)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a place cannot be told, and the lease is waited for.");
        var id = this.Key() + inDatabase;
        await using var one = await StartPatientlyAsync(id, inDatabase, port: null);
        await using var two = await StartPatientlyAsync(id, inDatabase, port: null);
        await AgreeAsync(2, one, two);
        one.Kill();
        await using var three = await StartPatientlyAsync(id, inDatabase, one.Address.Endpoint.Port);

        // The lease is longer than any test waits.
        await AgreeAsync(2, two, three);
        Assert.Equal(one.Address, Assert.Single(two.View.Dead).Address);
        await Eventually.HoldsAsync("everything to be somebody's", () => Keys(this.Key()).All(key => two.Placement.MayActivate(key) != three.Placement.MayActivate(key)));
        Assert.All(Keys(this.Key()), key => Assert.False(one.Placement.MayActivate(key)));
    }

    [Fact]
    public void Place_IsOfThisNetworkAndThisAddress()
    {
        var endpoint = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 11111);
        Assert.Equal(NetworkHost.Read(), NetworkHost.Read());
        Assert.Null(new NetworkHost((string?)null).Place(endpoint));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a place cannot be told.");
        var here = NetworkHost.Read();
        Assert.Matches("^[0-9a-f]{32} net:\\[[0-9]+\\]$", here.Name);
        Assert.Equal($"{here.Name} 127.0.0.1:11111", here.Place(endpoint));
    }

    [Fact]
    public async Task Silo_ThatComes_TakesItsGrainsFromTheOthersAndOnlyThose()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: false);
        var grains = Enumerable.Range(0, 40).Select(i => one.Grains.GetGrain<IMortalGrain>($"{this.Key()} {i}")).ToList();
        foreach (var grain in grains) await grain.Activation();
        await using var two = await StartAsync(this.Key(), inDatabase: false);
        await AgreeAsync(2, one, two);
        await Eventually.HoldsAsync("the hand-over", () => grains.All(grain => one.Placement.MayActivate(grain.GetGrainId()) || two.Placement.MayActivate(grain.GetGrainId())));

        var moved = grains.Where(grain => two.Address.Equals(one.Placement.Locate(grain.GetGrainId()))).ToList();
        Assert.InRange(moved.Count, 5, 35);
        foreach (var grain in grains)
        {
            var key = grain.GetPrimaryKeyString();
            Assert.Equal(moved.Contains(grain) ? ["activates", "ends: Migrating"] : ["activates"], Recording.Of(key).Lines);
            Assert.Equal(moved.Contains(grain), one.Runtime.Catalog.Find(grain.GetGrainId()) is null);
        }
    }

    [Fact]
    public async Task Grain_ThatTakesItsTime_HoldsUpOnlyItself()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: false);
        var grains = Enumerable.Range(0, 40).Select(i => one.Grains.GetGrain<IMortalGrain>($"{this.Key()} {i}")).ToList();
        var held = grains.Select(grain => grain.Hold("a")).ToList();
        foreach (var grain in grains) await Recording.Of(grain.GetPrimaryKeyString()).HasAsync("a begins");
        await using var two = await StartAsync(this.Key(), inDatabase: false);
        await AgreeAsync(2, one, two);
        var moved = grains.Where(grain => two.Address.Equals(one.Placement.Locate(grain.GetGrainId()))).ToList();
        var slow = moved[0].GetGrainId();
        foreach (var grain in grains.Where(grain => grain.GetGrainId() != slow)) Recording.Of(grain.GetPrimaryKeyString()).Open("a");
        await Eventually.HoldsAsync("the others", () => moved.Skip(1).All(grain => two.Placement.MayActivate(grain.GetGrainId())));
        Assert.False(two.Placement.MayActivate(slow));
        Recording.Of(moved[0].GetPrimaryKeyString()).Open("a");
        await Eventually.HoldsAsync("the slow one", () => two.Placement.MayActivate(slow));
        Assert.Equal("ends: Migrating", Recording.Of(moved[0].GetPrimaryKeyString()).Lines[^1]);
        foreach (var call in held) await call.Soon();
    }

    [Fact]
    public async Task Silo_ThatStops_HandsOverBeforeItLeaves()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: false);
        await using var two = await StartAsync(this.Key(), inDatabase: false);
        await AgreeAsync(2, one, two);
        var key = Keys(this.Key()).First(key => one.Address.Equals(two.Placement.Locate(key)));
        await Eventually.HoldsAsync("the first view to be handed over", () => one.Placement.MayActivate(key));
        var grain = one.Grains.GetGrain<IMortalGrain>(key);
        var held = grain.Hold("a");
        await Recording.Of(grain.GetPrimaryKeyString()).HasAsync("a begins");

        var stopping = one.StopAsync();
        await Eventually.HoldsAsync("the silo to shut down", () => two.View.Find(one.Address) is { Status: SiloStatus.ShuttingDown });
        Assert.Equal(two.Address, two.Placement.Locate(key));
        Assert.False(two.Placement.MayActivate(key));
        Recording.Of(grain.GetPrimaryKeyString()).Open("a");
        await held.Soon();
        await stopping.Soon();
        await AgreeAsync(1, two);
        Assert.True(two.Placement.MayActivate(key));
        Assert.Equal("ends: ShuttingDown", Recording.Of(grain.GetPrimaryKeyString()).Lines[^1]);
    }

    [Fact]
    public async Task Silo_DeclaredDeadByAnother_ServesNothingMoreAndEndsItsHost()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: true);
        var grain = one.Grains.GetGrain<IMortalGrain>(this.Key());
        await grain.Activation();
        await database.ExecuteAsync($"""
            UPDATE orleans_members SET status = 'Dead', dead_at = now(), active_until = 2 WHERE cluster_id = '{this.Key()}True';
            UPDATE orleans_clusters SET version = version + 1, revision = revision + 1 WHERE cluster_id = '{this.Key()}True'
            """);
        await Eventually.HoldsAsync("the host to be asked to stop", () => one.Lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.Equal(SiloStatus.Dead, one.Runtime.Status);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Activation());
        Assert.Equal(["activates"], Recording.Of(this.Key()).Lines);
        Assert.Equal(1, Environment.ExitCode);
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task Lease_ThatRunsOut_SuspendsTheSiloUntilItIsRenewed()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: true);
        var grain = one.Grains.GetGrain<IMortalGrain>(this.Key());
        var activation = await grain.Activation();
        await using (await LockAsync())
        {
            await Eventually.HoldsAsync("the lease to run out", () => !one.Runtime.Lease.Holds);
            Assert.False(one.Placement.MayActivate(grain.GetGrainId()));
            var refusal = await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Activation());
            Assert.Contains("lease", refusal.Message, StringComparison.Ordinal);
        }

        await Eventually.HoldsAsync("the lease to be renewed", () => one.Runtime.Lease.Holds);
        Assert.Equal(activation, await grain.Activation());
        Assert.False(one.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task Client_FollowsTheSilos()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: true);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        services.AddOptions().Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (this.Key() + "True", "service"));
        Orleans.Embedded.Hosting.ClusterServices.AddClient(services, provider => Orleans.Embedded.Hosting.ClusterServices.Postgres(provider, database.ConnectionString));
        await using var client = services.BuildServiceProvider();
        var follower = client.GetRequiredService<MembershipFollower>();
        await follower.StartAsync(CancellationToken.None);
        Assert.Equal(one.Address, Assert.Single(follower.View.Members).Address);
        var next = follower.NextViewAsync(follower.View.Version, CancellationToken.None);
        await using var two = await StartAsync(this.Key(), inDatabase: true);
        await next.Soon();
        await Eventually.HoldsAsync("both silos", () => follower.View.Members.Count(member => member.Status == SiloStatus.Active) == 2);
        var placement = client.GetRequiredService<Orleans.Embedded.Placement.IGrainPlacement>();
        await Eventually.HoldsAsync("the silos to see the same", () => Keys(this.Key()).All(key => placement.Locate(key) is { } owner && owner.Equals(one.Placement.Locate(key))));
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Clustering_OverADatabaseWithoutASecret_IsRefused()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => TestSilo.StartAsync(this.Key(), Clustering));
        Assert.Contains("Cluster__Secret=", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clustering_InADatabaseWithoutTheTables_IsRefused()
    {
        await using var empty = await TestDatabase.CreateAsync();
        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(() => TestSilo.StartAsync(
            this.Key(),
            silo => silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", empty.ConnectionString)),
            settings: Secret));
        Assert.Contains("orleans_clusters", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clusters_OfTwoServicesUnderOneId_AreRefused_UnderTwoIdsAreNot()
    {
        await using var one = await StartAsync(this.Key(), inDatabase: true);
        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(() => TestSilo.StartAsync(this.Key() + "True", Clustering, "other", Secret));
        Assert.Contains("ServiceId", exception.Message, StringComparison.Ordinal);
        await using var apart = await TestSilo.StartAsync(this.Key() + "apart", Clustering, "other", Secret);
        Assert.Equal(apart.Address, Assert.Single(apart.View.Members).Address);
        Assert.Equal(one.Address, Assert.Single(one.View.Members).Address);
    }

    private static readonly (string, string)[] Secret = [("Cluster:Secret", "a secret of these tests alone")];

    private static IEnumerable<GrainId> Keys(string test) => Enumerable.Range(0, 60).Select(i => GrainId.Create("mortal", $"{test} {i}"));

    private static Task AgreeAsync(int active, params TestSilo[] silos) => Eventually.HoldsAsync(
        $"{active} active silos", () => silos.All(silo => silo.View.Members.Length == active && silo.View.Members.All(member => member.Status == SiloStatus.Active)));

    private Task<TestSilo> StartAsync(string id, bool inDatabase) =>
        inDatabase ? TestSilo.StartAsync(id.EndsWith("True", StringComparison.Ordinal) ? id : id + "True", Clustering, settings: Secret) : TestSilo.StartInMemoryAsync(id);

    /// <summary>With a lease that no test waits for.</summary>
    private Task<TestSilo> StartPatientlyAsync(string id, bool inDatabase, int? port) => TestSilo.StartAtAsync(
        port ?? TestSilo.FreePort(), id,
        silo =>
        {
            if (inDatabase) Clustering(silo);
            else Orleans.Embedded.Hosting.InMemoryClusteringExtensions.UseInMemoryClustering(silo);
            silo.Configure<EmbeddedClusterOptions>(options => options.Lease = TimeSpan.FromMinutes(5));
        },
        settings: Secret);

    private void Clustering(ISiloBuilder silo) =>
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", database.ConnectionString));

    /// <summary>Keeps everybody from writing to the membership's tables, until it is disposed.</summary>
    private async Task<IAsyncDisposable> LockAsync()
    {
        var connection = new Npgsql.NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE orleans_members IN EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
