using Npgsql;
using Orleans.Embedded.Membership;

namespace Warroom.Engine.Tests.Membership;

/// <summary>A database with the product's membership tables.</summary>
public sealed class MembershipDatabase : IAsyncLifetime
{
    private TestDatabase? _database;

    public string ConnectionString => _database!.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        foreach (var step in Directory.GetFiles(Path.Combine(Repository.Root, "sql"), "*_cluster*.sql").Order(StringComparer.Ordinal)) await ExecuteAsync(await File.ReadAllTextAsync(step));
    }

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class PostgresMembershipStoreTests(MembershipDatabase database) : MembershipStoreTests, IClassFixture<MembershipDatabase>
{
    [Fact]
    public async Task Start_WithoutTheTables_SaysWhatIsMissing()
    {
        await using var empty = await TestDatabase.CreateAsync();
        await using var store = new PostgresMembershipStore(empty.ConnectionString, NewId(), "service", TimeSpan.FromHours(1));
        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => store.StartAsync(CancellationToken.None));
        Assert.Contains("apply the migration that makes orleans_clusters", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithNewerTables_IsRefused()
    {
        await using var newer = new DatabaseOfItsOwn();
        await newer.Database.InitializeAsync();
        await using var store = new PostgresMembershipStore(newer.Database.ConnectionString, NewId(), "service", TimeSpan.FromHours(1));
        await store.StartAsync(CancellationToken.None);
        await newer.Database.ExecuteAsync("UPDATE orleans_schema SET number = 7 WHERE part = 'membership'");
        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => store.StartAsync(CancellationToken.None));
        Assert.Contains("has schema 7 of the membership, this program knows up to 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForChange_AfterItsConnectionBroke_ListensAgain()
    {
        var id = NewId();
        await using var store = NewStore(id);
        await using var other = NewStore(id);
        await store.WaitForChangeAsync(CancellationToken.None);
        var waiting = store.WaitForChangeAsync(CancellationToken.None);
        await database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Eventually.CompletesAsync("the broken connection to be noticed", waiting));
        await store.WaitForChangeAsync(CancellationToken.None);
        waiting = store.WaitForChangeAsync(CancellationToken.None);
        await other.JoinAsync(NewMember(), CancellationToken.None);
        await Eventually.CompletesAsync("the notification on the new connection", waiting);
    }

    private protected override IMembershipStore NewStore(string clusterId, string serviceId = "service") =>
        new PostgresMembershipStore(database.ConnectionString, clusterId, serviceId, TimeSpan.FromHours(1));

    private sealed class DatabaseOfItsOwn : IAsyncDisposable
    {
        public MembershipDatabase Database { get; } = new();

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}
