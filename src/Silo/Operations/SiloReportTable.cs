using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Warroom.Operations;

/// <summary>One silo's side of the operators' tables: its report goes in, its orders come out, in one round trip.</summary>
internal sealed class SiloReportTable(NpgsqlDataSource source, string clusterId, string siloId, string name)
{
    private const string Upsert = """
        INSERT INTO silo_reports (cluster_id, silo_id, name, status, started_at, reported_at, figures)
        VALUES ($1, $2, $3, $4, $5, now(), $6)
        ON CONFLICT (cluster_id, silo_id) DO UPDATE SET status = excluded.status, reported_at = excluded.reported_at, figures = excluded.figures
        """;

    private const string Orders = "SELECT id, requested_by FROM operator_commands WHERE cluster_id = $1 AND silo_id = $2 AND kind = 'drain' AND finished_at IS NULL ORDER BY requested_at LIMIT 10";

    private const string Begin = "UPDATE operator_commands SET started_at = coalesce(started_at, now()) WHERE cluster_id = $1 AND silo_id = $2 AND kind = 'drain' AND finished_at IS NULL";

    private const string Finish = "UPDATE operator_commands SET started_at = coalesce(started_at, now()), finished_at = now(), outcome = 'done' WHERE cluster_id = $1 AND silo_id = $2 AND kind = 'drain' AND finished_at IS NULL";

    // A silo that has said nothing for an hour is of no use to anybody; what operators did is kept for a quarter of a year.
    private static readonly string[] Removal =
    [
        "DELETE FROM silo_reports WHERE cluster_id = $1 AND reported_at < now() - interval '1 hour'",
        "DELETE FROM operator_commands WHERE cluster_id = $1 AND requested_at < now() - interval '90 days'",
    ];

    /// <summary>Writes a report; gives the first order to drain that is not finished, if there is one.</summary>
    public async Task<(Guid Id, string RequestedBy)?> WriteAsync(string status, DateTimeOffset startedAt, SiloFigures figures, CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(Command(
            Upsert,
            Text(clusterId), Text(siloId), Text(name), Text(status), new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = startedAt },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = JsonSerializer.Serialize(figures, SiloFiguresJson.Default.SiloFigures) }));
        batch.BatchCommands.Add(Command(Orders, Text(clusterId), Text(siloId)));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetString(1)) : null;
    }

    /// <summary>Notes that the silo has begun to stop.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => ExecuteAsync([Command(Begin, Text(clusterId), Text(siloId))], cancellationToken);

    /// <summary>Notes that the silo has handed its grains over.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) => ExecuteAsync([Command(Finish, Text(clusterId), Text(siloId))], cancellationToken);

    /// <summary>Removes what is old.</summary>
    public Task RemoveOldAsync(CancellationToken cancellationToken) => ExecuteAsync([.. Removal.Select(sql => Command(sql, Text(clusterId)))], cancellationToken);

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string>(null!, NpgsqlDbType.Text) { TypedValue = value };

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private async Task ExecuteAsync(NpgsqlBatchCommand[] commands, CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
