using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>
/// Reminders in PostgreSQL. The engine does not make the table: whoever owns the schema does, with <see cref="Ddl"/>; at start the engine checks that
/// it is there.
/// </summary>
internal sealed class PostgresReminderTable(IOptions<AdoNetReminderTableOptions> options, IOptions<ClusterOptions> cluster) : IReminderTable, IAsyncDisposable
{
    /// <summary>The table, as the product's migrations make it.</summary>
    public const string Ddl = """
        CREATE TABLE orleans_reminders (
            service_id text NOT NULL,
            grain_id text NOT NULL,
            reminder_name text NOT NULL,
            start_at timestamptz NOT NULL,
            period interval NOT NULL,
            version bigint NOT NULL,
            last_tick_at timestamptz,
            CONSTRAINT orleans_reminders_pk PRIMARY KEY (service_id, grain_id, reminder_name),
            CONSTRAINT orleans_reminders_period_ck CHECK (period > interval '0')
        );
        """;

    private const string Columns = "grain_id, reminder_name, start_at, period, version, last_tick_at";

    /// <summary>Connections of one silo: ticks are noted one after the other on them, however many there are at once.</summary>
    private const int ConnectionsMax = 4;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.Value.ConnectionString)
    {
        ApplicationName = "orleans-reminders",
        Pooling = true,
        MinPoolSize = 0,
        MaxPoolSize = ConnectionsMax,
    });

    private readonly string _serviceId = cluster.Value.ServiceId;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _database.CreateCommand($"SELECT {Columns}, service_id FROM orleans_reminders LIMIT 0");
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new OrleansConfigurationException(
                $"The reminder table orleans_reminders is missing or has other columns ({exception.MessageText}): apply the migration that makes it before the silo starts.",
                exception);
        }
    }

    public async Task<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand($"SELECT {Columns} FROM orleans_reminders WHERE service_id = $1");
        command.Parameters.Add(new() { Value = _serviceId });
        return await ReadAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<ReminderEntry>> ReadAsync(GrainId grainId)
    {
        await using var command = _database.CreateCommand($"SELECT {Columns} FROM orleans_reminders WHERE service_id = $1 AND grain_id = $2");
        command.Parameters.Add(new() { Value = _serviceId });
        command.Parameters.Add(new() { Value = grainId.ToString() });
        return await ReadAsync(command, CancellationToken.None);
    }

    public async Task<ReminderEntry?> ReadAsync(GrainId grainId, string name)
    {
        await using var command = _database.CreateCommand(
            $"SELECT {Columns} FROM orleans_reminders WHERE service_id = $1 AND grain_id = $2 AND reminder_name = $3");
        command.Parameters.Add(new() { Value = _serviceId });
        command.Parameters.Add(new() { Value = grainId.ToString() });
        command.Parameters.Add(new() { Value = name });
        return (await ReadAsync(command, CancellationToken.None)).SingleOrDefault();
    }

    public async Task<ReminderEntry> UpsertAsync(ReminderEntry entry)
    {
        await using var command = _database.CreateCommand($"""
            INSERT INTO orleans_reminders (service_id, grain_id, reminder_name, start_at, period, version)
            VALUES ($1, $2, $3, $4, $5, 1)
            ON CONFLICT (service_id, grain_id, reminder_name)
            DO UPDATE SET start_at = excluded.start_at, period = excluded.period, version = orleans_reminders.version + 1, last_tick_at = NULL
            RETURNING {Columns}
            """);
        command.Parameters.Add(new() { Value = _serviceId });
        command.Parameters.Add(new() { Value = entry.GrainId.ToString() });
        command.Parameters.Add(new() { Value = entry.Name });
        command.Parameters.Add(new() { Value = entry.StartAt });
        command.Parameters.Add(new() { Value = entry.Period });
        return (await ReadAsync(command, CancellationToken.None)).Single();
    }

    public async Task RemoveAsync(GrainId grainId, string name)
    {
        await using var command = _database.CreateCommand(
            "DELETE FROM orleans_reminders WHERE service_id = $1 AND grain_id = $2 AND reminder_name = $3");
        command.Parameters.Add(new() { Value = _serviceId });
        command.Parameters.Add(new() { Value = grainId.ToString() });
        command.Parameters.Add(new() { Value = name });
        await command.ExecuteNonQueryAsync();
    }

    public async Task NoteTickAsync(ReminderEntry entry, DateTime due)
    {
        await using var command = _database.CreateCommand("""
            UPDATE orleans_reminders SET last_tick_at = $5
            WHERE service_id = $1 AND grain_id = $2 AND reminder_name = $3 AND version = $4 AND (last_tick_at IS NULL OR last_tick_at < $5)
            """);
        command.Parameters.Add(new() { Value = _serviceId });
        command.Parameters.Add(new() { Value = entry.GrainId.ToString() });
        command.Parameters.Add(new() { Value = entry.Name });
        command.Parameters.Add(new() { Value = long.Parse(entry.ETag) });
        command.Parameters.Add(new() { Value = due });
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<IReadOnlyList<ReminderEntry>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var entries = new List<ReminderEntry>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new ReminderEntry(
                GrainId.Parse(reader.GetString(0)), reader.GetString(1), reader.GetDateTime(2), reader.GetTimeSpan(3), reader.GetInt64(4).ToString(),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetDateTime(5)));
        }

        return entries;
    }
}
