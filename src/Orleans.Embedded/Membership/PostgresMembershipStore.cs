using System.Collections.Immutable;
using Npgsql;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>
/// The membership in PostgreSQL, in tables that the product's migration makes. Each operation is one round trip and one transaction; those that change
/// more than a heartbeat lock the cluster's row first, so that they come one after another and each has a version of its own.
/// </summary>
internal sealed class PostgresMembershipStore : IMembershipStore
{
    /// <summary>The newest number of the membership's tables that this program knows.</summary>
    public const int SchemaKnown = 2;

    private const string Channel = "orleans_cluster";
    private const string Lock = "SELECT version FROM orleans_clusters WHERE cluster_id = $1 FOR UPDATE";

    private const string Read = """
        SELECT c.service_id, c.version, c.revision, m.silo_address, m.incarnation, m.silo_name, m.gateway_port, m.status, m.started_at,
               m.heartbeat, m.active_from, m.active_until, m.handed_over, m.held, m.place
        FROM orleans_clusters c LEFT JOIN orleans_members m ON m.cluster_id = c.cluster_id
        WHERE c.cluster_id = $1
        """;

    private readonly string _clusterId;
    private readonly string _serviceId;
    private readonly TimeSpan _deadRemembered;
    private readonly NpgsqlDataSource _database;
    private NpgsqlConnection? _listener;
    private bool _changed;

    public PostgresMembershipStore(string connectionString, string clusterId, string serviceId, TimeSpan deadRemembered)
    {
        _clusterId = clusterId;
        _serviceId = serviceId;
        _deadRemembered = deadRemembered;

        // Connections of its own: a lease must not be lost because the product's are all in use.
        _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "orleans-membership",
            Pooling = true,
            MinPoolSize = 1,
            MaxPoolSize = 6,
            CancellationTimeout = 500,
            KeepAlive = 5,
        });
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _database.CreateCommand("SELECT number FROM orleans_schema WHERE part = 'membership'");
            var number = await command.ExecuteScalarAsync(cancellationToken) as int? ?? 0;
            if (number > SchemaKnown)
            {
                throw new OrleansConfigurationException(
                    $"The database has schema {number} of the membership, this program knows up to {SchemaKnown}: start the newer version, or use another database.");
            }

            if (number < SchemaKnown)
            {
                throw new OrleansConfigurationException(
                    $"The database has schema {number} of the membership, this program needs {SchemaKnown}: apply the migrations before the silo starts.");
            }
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new OrleansConfigurationException(
                $"The membership's tables are missing or have other columns ({exception.MessageText}): apply the migration that makes orleans_clusters before the silo starts.",
                exception);
        }
    }

    public Task<MembershipTable> ReadAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public async Task<MembershipTable> JoinAsync(JoiningMember member, CancellationToken cancellationToken)
    {
        try
        {
            var table = await RunAsync(
                cancellationToken,
                ("INSERT INTO orleans_clusters (cluster_id, service_id, version, revision) VALUES ($1, $2, 0, 0) ON CONFLICT (cluster_id) DO NOTHING", [_serviceId]),
                (Lock, []),
                (ForgetSql, [_deadRemembered, MembershipRules.DeadRememberedMax]),
                (JoinSql, [_serviceId, member.Incarnation, member.Address.ToParsableString(), member.Name, member.GatewayPort, member.Place is { } place ? place : DBNull.Value]));
            return table.ServiceId == _serviceId ? table : throw MembershipRules.OtherService(table.ServiceId, _serviceId);
        }
        catch (PostgresException exception) when (exception is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "orleans_members_address_uk" })
        {
            throw MembershipRules.SameAddress(member.Address);
        }
    }

    public Task<MembershipTable> BeatAsync(Guid incarnation, CancellationToken cancellationToken) => RunAsync(
        cancellationToken,
        ("UPDATE orleans_members SET heartbeat = heartbeat + 1, seen_at = now() WHERE cluster_id = $1 AND incarnation = $2 AND status <> 'Dead'", [incarnation]));

    public Task<MembershipTable> SetStatusAsync(Guid incarnation, SiloStatus status, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, (Lock, []), (StatusSql, [incarnation, status.ToString(), Before(status), DBNull.Value]));

    public Task<MembershipTable> DeclareDeadAsync(Guid incarnation, long heartbeat, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, (Lock, []), (StatusSql, [incarnation, nameof(SiloStatus.Dead), Before(SiloStatus.Dead), heartbeat]));

    public Task<MembershipTable> ReportHandedOverAsync(Guid incarnation, long version, ImmutableArray<long> held, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, (Lock, []), (ReportSql, [incarnation, version, held.ToArray()]));

    public async Task WaitForChangeAsync(CancellationToken cancellationToken)
    {
        if (_listener is not { } listener)
        {
            // What changed before this connection listened is not known to it: whoever waits looks once.
            _listener = await ListenAsync(cancellationToken);
            return;
        }

        try
        {
            while (!Interlocked.Exchange(ref _changed, false)) await listener.WaitAsync(cancellationToken);
        }
        catch
        {
            _listener = null;
            await listener.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener is { } listener) await listener.DisposeAsync();
        await _database.DisposeAsync();
    }

    private const string ForgetSql = """
        DELETE FROM orleans_members WHERE cluster_id = $1 AND status = 'Dead' AND (dead_at < now() - $2::interval OR incarnation NOT IN (
          SELECT incarnation FROM orleans_members WHERE cluster_id = $1 AND status = 'Dead' ORDER BY active_until DESC LIMIT $3))
        """;

    // A repeat finds the row there already and changes nothing.
    private const string JoinSql = """
        WITH joined AS (
          INSERT INTO orleans_members (cluster_id, incarnation, silo_address, silo_name, gateway_port, status, started_at, seen_at, heartbeat, handed_over, held, place)
          SELECT $1, $3, $4, $5, $6, 'Joining', now(), now(), 1, version, '{}', $7::text FROM orleans_clusters WHERE cluster_id = $1 AND service_id = $2
          ON CONFLICT (cluster_id, incarnation) DO NOTHING
          RETURNING 1),
        """ + ChangedSql;

    private const string StatusSql = """
        WITH moved AS (
          UPDATE orleans_members m SET
            status = $3,
            active_from = CASE WHEN $3 = 'Active' THEN c.version + 1 ELSE m.active_from END,
            active_until = CASE WHEN $3 = 'Active' THEN NULL ELSE least(m.active_until, c.version + 1) END,
            handed_over = CASE WHEN $3 = 'Active' THEN c.version + 1 ELSE m.handed_over END,
            dead_at = CASE WHEN $3 = 'Dead' THEN now() END
          FROM orleans_clusters c
          WHERE c.cluster_id = $1 AND m.cluster_id = $1 AND m.incarnation = $2 AND m.status = ANY ($4) AND m.heartbeat = coalesce($5::bigint, m.heartbeat)
          RETURNING 1),
        changed AS (
          UPDATE orleans_clusters SET version = version + 1, revision = revision + 1 WHERE cluster_id = $1 AND EXISTS (SELECT FROM moved) RETURNING cluster_id)
        SELECT pg_notify('orleans_cluster', cluster_id) FROM changed
        """;

    private const string ReportSql = """
        WITH joined AS (
          UPDATE orleans_members m SET handed_over = $3, held = $4
          FROM orleans_clusters c
          WHERE c.cluster_id = $1 AND m.cluster_id = $1 AND m.incarnation = $2 AND m.status <> 'Dead' AND m.handed_over <= $3 AND $3 <= c.version
          RETURNING 1),
        """ + ChangedSql;

    private const string ChangedSql = """

        changed AS (UPDATE orleans_clusters SET revision = revision + 1 WHERE cluster_id = $1 AND EXISTS (SELECT FROM joined) RETURNING cluster_id)
        SELECT pg_notify('orleans_cluster', cluster_id) FROM changed
        """;

    private static string[] Before(SiloStatus status) =>
        [.. new[] { SiloStatus.Joining, SiloStatus.Active, SiloStatus.ShuttingDown }.Where(earlier => earlier < status).Select(earlier => earlier.ToString())];

    /// <summary>Runs statements, whose first parameter is the cluster's id, and reads the table: one round trip, one transaction.</summary>
    private async Task<MembershipTable> RunAsync(CancellationToken cancellationToken, params (string Sql, object[] Parameters)[] statements)
    {
        await using var batch = _database.CreateBatch();
        foreach (var (sql, parameters) in statements.Append((Read, [])))
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = _clusterId });
            foreach (var parameter in parameters) command.Parameters.Add(new() { Value = parameter });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (reader.FieldCount < 2 && await reader.NextResultAsync(cancellationToken))
        {
            // What statements before the last give back is of no interest.
        }

        return await ReadTableAsync(reader, cancellationToken);
    }

    private static async Task<MembershipTable> ReadTableAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var table = MembershipTable.Empty;
        var rows = ImmutableArray.CreateBuilder<MemberRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            table = new MembershipTable(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), []);
            if (await reader.IsDBNullAsync(3, cancellationToken)) continue;
            rows.Add(new MemberRow(
                SiloAddress.Parse(reader.GetString(3)), reader.GetGuid(4), reader.GetString(5), reader.GetInt32(6), Enum.Parse<SiloStatus>(reader.GetString(7)),
                await reader.GetFieldValueAsync<DateTimeOffset>(8, cancellationToken), reader.GetInt64(9), ViewAt(reader, 10), ViewAt(reader, 11), reader.GetInt64(12),
                [.. await reader.GetFieldValueAsync<long[]>(13, cancellationToken)], await reader.IsDBNullAsync(14, cancellationToken) ? null : reader.GetString(14)));
        }

        return table with { Rows = rows.ToImmutable() };
    }

    private static long ViewAt(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? MemberRow.Never : reader.GetInt64(ordinal);

    private async Task<NpgsqlConnection> ListenAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenConnectionAsync(cancellationToken);
        try
        {
            connection.Notification += (_, notification) =>
            {
                if (notification.Payload == _clusterId) Volatile.Write(ref _changed, true);
            };
            await using var command = new NpgsqlCommand($"LISTEN {Channel}", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
