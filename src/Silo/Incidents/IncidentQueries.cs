using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Warroom.Alerts;
using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Incidents;

/// <summary>Lists and searches over incidents: SQL over what is committed, never a fan-out over grains.</summary>
public sealed class IncidentQueries(PostgresReader reader) : IServiceIncidents
{
    private const string SummaryColumns = "i.id, i.version, i.title, i.description, i.severity, i.status, i.service, i.created_at, i.started_at, i.updated_at, i.resolved_at, i.alerts_firing";

    /// <summary>One page, newest change first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">At most so many; 1 to 200.</param>
    /// <param name="offset">How many are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Page<IncidentSummary>> ListAsync(IncidentFilter filter, int limit, int offset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 200);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var (where, parameters) = Where(filter);
        var pageParameters = parameters.Select(parameter => parameter.Clone()).Append(LogReads.Bigint(limit)).Append(LogReads.Bigint(offset)).ToList();
        var pageSql = $"SELECT {SummaryColumns} FROM incidents i{where} ORDER BY i.updated_at DESC, i.id DESC LIMIT ${parameters.Count + 1} OFFSET ${parameters.Count + 2}";
        return reader.ReadAsync(
            async (connection, token) =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(Command($"SELECT count(*) FROM incidents i{where}", parameters));
                batch.BatchCommands.Add(Command(pageSql, pageParameters));
                await using var rows = await batch.ExecuteReaderAsync(token);
                await rows.ReadAsync(token);
                var total = rows.GetInt64(0);
                await rows.NextResultAsync(token);
                return new Page<IncidentSummary>(await PostgresReader.RowsAsync(rows, Summary, token), total);
            },
            cancellationToken);
    }

    /// <summary>An incident as it is stored, or <see langword="null"/> if there is none with this id.</summary>
    public async Task<IncidentView?> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var states = await reader.ReadRowsAsync("SELECT state::text FROM incidents WHERE id = $1", [LogReads.Uuid(id)], row => row.GetString(0), cancellationToken);
        return states.Count == 0 ? null : JsonSerializer.Deserialize(states[0], StateJson.Stored.IncidentState)!.ToView();
    }

    /// <summary>Timeline events after a number, or <see langword="null"/> if there is no such incident.</summary>
    /// <param name="id">The incident.</param>
    /// <param name="afterSeq">0: from the first.</param>
    /// <param name="limit">At most so many; 1 to 1,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LogPage?> TimelineAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) =>
        LogReads.PageAsync(reader, LogNames.Incidents, id, afterSeq, limit, cancellationToken);

    /// <summary>The incidents that changed in a time before the newest change, newest first: what front ends compare their list with.</summary>
    /// <param name="within">That time.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<IncidentVersion>> ChangedLatelyAsync(TimeSpan within, int limit, CancellationToken cancellationToken = default) => await reader.ReadRowsAsync(
        "SELECT id, version, updated_at FROM incidents WHERE updated_at > (SELECT max(updated_at) FROM incidents) - $1 ORDER BY updated_at DESC, id DESC LIMIT $2",
        [new() { NpgsqlDbType = NpgsqlDbType.Interval, Value = within }, LogReads.Bigint(limit)],
        row => new IncidentVersion(row.GetGuid(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> UnresolvedAsync(string service, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        const string sql = """
            SELECT i.id
            FROM incidents_services l JOIN incidents i ON i.id = l.incident_id
            WHERE l.service = $1 AND i.status <> 'resolved'
            ORDER BY (i.service = l.service) IS TRUE DESC, i.created_at DESC, i.id DESC
            LIMIT $2
            """;
        return await reader.ReadRowsAsync(sql, [new() { NpgsqlDbType = NpgsqlDbType.Text, Value = service }, LogReads.Bigint(limit)], row => row.GetGuid(0), cancellationToken);
    }

    private static (string Where, List<NpgsqlParameter> Parameters) Where(IncidentFilter filter)
    {
        var parameters = new List<NpgsqlParameter>();
        var where = new StringBuilder();
        void And(string condition) => where.Append(where.Length == 0 ? " WHERE " : " AND ").Append(condition);
        string Parameter(NpgsqlDbType type, object value)
        {
            parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
            return $"${parameters.Count}";
        }

        // A constant, so that the planner may use the index of the active ones.
        if (filter.ActiveOnly)
            And("i.status <> 'resolved'");
        if (!filter.Statuses.IsDefaultOrEmpty)
            And($"i.status = ANY ({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Text, filter.Statuses.Select(EnumText<IncidentStatus>.Of).ToArray())})");
        if (!filter.Severities.IsDefaultOrEmpty)
            And($"i.severity = ANY ({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Text, filter.Severities.Select(EnumText<Severity>.Of).ToArray())})");
        // The server refuses a NUL, which no stored name can have: such a one is not asked for, and finds nothing.
        if (!filter.Services.IsDefaultOrEmpty)
            And($"i.id IN (SELECT l.incident_id FROM incidents_services l WHERE l.service = ANY ({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Text, filter.Services.Where(service => !service.Contains('\0', StringComparison.Ordinal)).ToArray())}))");
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            var pattern = Parameter(NpgsqlDbType.Text, Pattern(filter.Text.Trim()));
            And($"(i.title ILIKE {pattern} OR i.description ILIKE {pattern})");
        }

        return (where.ToString(), parameters);
    }

    /// <summary>A pattern for texts that contain this one. A NUL, which no stored text can have, would be refused by the server, so it is left out.</summary>
    private static string Pattern(string text) =>
        "%" + text.Replace("\0", "", StringComparison.Ordinal).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";

    private static NpgsqlBatchCommand Command(string sql, IReadOnlyList<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter.Clone());
        return command;
    }

    private static IncidentSummary Summary(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Version = row.GetInt64(1),
        Title = row.GetString(2),
        Description = row.GetString(3),
        Severity = EnumText<Severity>.Parse(row.GetString(4)),
        Status = EnumText<IncidentStatus>.Parse(row.GetString(5)),
        Service = row.IsDBNull(6) ? null : row.GetString(6),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(7),
        StartedAt = row.GetFieldValue<DateTimeOffset>(8),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(9),
        ResolvedAt = row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10),
        AlertsFiring = row.GetInt32(11),
    };
}
