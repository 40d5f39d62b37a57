using Npgsql;

namespace Warroom.Postgres;

/// <summary>The database cannot be used by this program as it is. The message says what to do.</summary>
public sealed class DatabaseRefusedException : Exception
{
    /// <summary>For serializers.</summary>
    public DatabaseRefusedException()
    {
    }

    /// <summary>Says why, and what to do.</summary>
    public DatabaseRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public DatabaseRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Brings a schema up to date: numbered steps, forward only, each in a transaction of its own together with its row in <c>schema_migrations</c>. However many processes start at once, an advisory lock lets
/// one of them work. A database that is newer than this program, or one whose applied steps are not those of this program, is refused before anything is changed.
/// </summary>
public sealed partial class Migrator(NpgsqlDataSource source, ILogger<Migrator> logger)
{
    /// <summary>Any number will do, as long as nobody else uses it: "warroom" in ASCII.</summary>
    private const long LockKey = 0x77_61_72_72_6f_6f_6d;

    private const string CreateTable = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          number integer NOT NULL,
          name text NOT NULL,
          checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now(),
          CONSTRAINT schema_migrations_pkey PRIMARY KEY (number)
        )
        """;

    /// <summary>Applies what is missing of the embedded steps.</summary>
    /// <returns>How many were applied.</returns>
    /// <exception cref="DatabaseRefusedException">The database is newer, or an applied step differs.</exception>
    public Task<int> MigrateAsync(CancellationToken cancellationToken = default) => MigrateAsync(Migration.Embedded, cancellationToken);

    internal async Task<int> MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // A step may take long on a large table, and so may waiting for another process that applies it. Both end with the process or its connection.
        await ExecuteAsync(connection, "SET statement_timeout = 0", cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        try
        {
            await ExecuteAsync(connection, CreateTable, cancellationToken);
            var pending = Pending(migrations, await AppliedAsync(connection, cancellationToken));
            foreach (var migration in pending)
                await ApplyAsync(connection, migration, cancellationToken);
            LogUpToDate(pending.Count, migrations.Count == 0 ? 0 : migrations[^1].Number);
            return pending.Count;
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    /// <summary>What is to be applied.</summary>
    internal static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> migrations, IReadOnlyList<(int Number, string Name, string Checksum)> applied)
    {
        var known = migrations.ToDictionary(migration => migration.Number);
        foreach (var (number, name, checksum) in applied)
        {
            if (!known.TryGetValue(number, out var migration))
            {
                throw new DatabaseRefusedException(
                    $"The database has migration {number:0000}_{name}, which this version of Warroom does not know (its last is {(migrations.Count == 0 ? 0 : migrations[^1].Number):0000}): the database is newer. Start the newer version, or restore a backup made before it.");
            }

            if (migration.Checksum != checksum)
            {
                throw new DatabaseRefusedException(
                    $"Migration {number:0000}_{name} was applied with checksum {checksum}, but this version of Warroom has it with {migration.Checksum}. A migration is never edited once applied: use an unmodified build, or a new migration for the change.");
            }
        }

        var last = applied.Count == 0 ? 0 : applied.Max(row => row.Number);
        var pending = migrations.Where(migration => applied.All(row => row.Number != migration.Number)).ToList();
        return pending.Find(migration => migration.Number < last) is { } late
            ? throw new DatabaseRefusedException($"Migration {late.Number:0000}_{late.Name} is missing in the database although {last:0000} is applied: it came later with a lower number. Give it the next free number.")
            : pending;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        LogApplying(migration.Number, migration.Name);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, migration.Sql, cancellationToken);
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", connection, transaction);
        record.Parameters.AddWithValue(migration.Number);
        record.Parameters.AddWithValue(migration.Name);
        record.Parameters.AddWithValue(migration.Checksum);
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<List<(int Number, string Name, string Checksum)>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT number, name, checksum FROM schema_migrations ORDER BY number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await PostgresReader.RowsAsync(reader, row => (row.GetInt32(0), row.GetString(1), row.GetString(2)), cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The lock goes with the session; a connection that is broken has lost it already.</summary>
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        if (connection.FullState == System.Data.ConnectionState.Open)
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
    }
}
