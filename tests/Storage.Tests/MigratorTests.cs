using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Warroom.Postgres;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

public sealed class MigratorTests : IAsyncLifetime
{
    private readonly List<Migration> _two = [new(1, "things", "CREATE TABLE things (id integer); INSERT INTO things VALUES (1)"), new(2, "more", "ALTER TABLE things ADD name text")];
    private TestDatabase _database = null!;
    private NpgsqlDataSource _source = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public void Embedded_Numbers_AreOneTwoThree() =>
        Assert.Equal(Enumerable.Range(1, Migration.Embedded.Count), Migration.Embedded.Select(migration => migration.Number));

    [Fact]
    public async Task MigrateAsync_Twice_AppliesEachStepOnce()
    {
        Assert.Equal(Migration.Embedded.Count, await NewMigrator().MigrateAsync());
        Assert.Equal(0, await NewMigrator().MigrateAsync());
    }

    [Fact]
    public async Task MigrateAsync_ManyProcessesAtOnce_OneWorks()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewMigrator().MigrateAsync(_two, CancellationToken.None)));

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 2], applied.Order());
        Assert.Equal(1, await Sql.ScalarAsync<long>(_database.ConnectionString, "SELECT count(*) FROM things"));
    }

    [Fact]
    public async Task MigrateAsync_EveryOlderSchemaUpgraded_IsTheSameAsAFreshOne()
    {
        await NewMigrator().MigrateAsync();
        var fresh = await SchemaAsync(_database.ConnectionString);
        Assert.Contains(fresh, line => line.Contains("timeline_events_pkey", StringComparison.Ordinal));

        for (var from = 0; from < Migration.Embedded.Count; from++)
        {
            await using var older = await TestDatabase.CreateAsync();
            await using var source = NpgsqlDataSource.Create(older.ConnectionString);
            var migrator = new Migrator(source, NullLogger<Migrator>.Instance);
            await migrator.MigrateAsync([.. Migration.Embedded.Take(from)], CancellationToken.None);
            await migrator.MigrateAsync();
            Assert.Equal(fresh, await SchemaAsync(older.ConnectionString));
        }
    }

    [Fact]
    public async Task MigrateAsync_SiloOrderedToDrainTwiceByOlderPrograms_KeepsTheFirstOrder()
    {
        await NewMigrator().MigrateAsync([.. Migration.Embedded.Take(5)], CancellationToken.None);
        await Sql.ExecuteAsync(_database.ConnectionString, """
            INSERT INTO operator_commands (id, cluster_id, kind, silo_id, requested_by, requested_at)
            SELECT gen_random_uuid(), 'warroom', 'drain', silo, who, '2026-11-21'::timestamptz + minute * interval '1 minute'
            FROM (VALUES ('one', 'third', 3), ('one', 'first', 1), ('one', 'second', 2), ('two', 'other', 9)) AS orders (silo, who, minute)
            """);

        await NewMigrator().MigrateAsync();

        Assert.Equal(
            ["one | first | ", "one | second | failed", "one | third | failed", "two | other | "],
            await Sql.LinesAsync(_database.ConnectionString, "SELECT silo_id, requested_by, outcome FROM operator_commands ORDER BY silo_id, requested_at"));
    }

    [Fact]
    public async Task MigrateAsync_StepFails_LeavesNothingOfItAndCanBeRepeated()
    {
        var broken = new Migration(2, "more", "ALTER TABLE things ADD name text; SELECT 1 / 0");
        await Assert.ThrowsAsync<PostgresException>(() => NewMigrator().MigrateAsync([_two[0], broken], CancellationToken.None));

        Assert.Equal(1, await NewMigrator().MigrateAsync(_two, CancellationToken.None));
    }

    [Fact]
    public async Task MigrateAsync_AppliedStepEdited_IsRefused()
    {
        await NewMigrator().MigrateAsync(_two, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<DatabaseRefusedException>(() => NewMigrator().MigrateAsync([_two[0], _two[1] with { Sql = _two[1].Sql + " " }], CancellationToken.None));

        Assert.Contains("0002_more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrateAsync_DatabaseNewer_IsRefusedAndUnchanged()
    {
        await NewMigrator().MigrateAsync(_two, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<DatabaseRefusedException>(() => NewMigrator().MigrateAsync([_two[0]], CancellationToken.None));

        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrateAsync_LowerNumberCameLater_IsRefused()
    {
        await NewMigrator().MigrateAsync([_two[0], new(3, "third", "SELECT 1")], CancellationToken.None);

        await Assert.ThrowsAsync<DatabaseRefusedException>(() => NewMigrator().MigrateAsync([_two[0], _two[1], new(3, "third", "SELECT 1")], CancellationToken.None));
    }

    [Fact]
    public void Checksum_LineEndings_DoNotMatter() =>
        Assert.Equal(new Migration(1, "a", "SELECT 1;\nSELECT 2").Checksum, new Migration(1, "a", "SELECT 1;\r\nSELECT 2").Checksum);

    [Theory]
    [InlineData("1_short.sql")]
    [InlineData("0000_zero.sql")]
    [InlineData("0001-dash.sql")]
    [InlineData("0001_noending")]
    public void Parse_OtherNames_AreRefused(string name) => Assert.Throws<FormatException>(() => Migration.Parse(name, ""));

    private Migrator NewMigrator() => new(_source, NullLogger<Migrator>.Instance);

    private static Task<List<string>> SchemaAsync(string connectionString) => Sql.LinesAsync(connectionString, """
        SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, NULL FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'options', relname, reloptions::text, NULL, NULL, NULL, NULL FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
        UNION ALL SELECT 'routine', proname, pg_get_functiondef(oid), NULL, NULL, NULL, NULL FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), NULL, NULL, NULL FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2, 3, 4
        """);
}
