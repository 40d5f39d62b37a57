using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Operations;

/// <summary>Writes operators' commands down: that is the order and the audit trail at once. Safe to repeat with the same id.</summary>
public sealed class OperatorCommands(NpgsqlDataSource source, IOptions<WarroomSiloOptions> options)
{
    private const string Columns = "id, kind, silo_id, grain_id, requested_by, requested_at, started_at, finished_at, outcome";

    // A silo is drained once: whoever asks again meanwhile gets the order that is there.
    private const string Insert = $"""
        WITH pending AS (
          SELECT {Columns} FROM operator_commands WHERE cluster_id = $2 AND kind = 'drain' AND silo_id = $4 AND finished_at IS NULL ORDER BY requested_at LIMIT 1
        ), added AS (
          INSERT INTO operator_commands (id, cluster_id, kind, silo_id, grain_id, requested_by, requested_at)
          SELECT $1, $2, $3, $4, $5, $6, now() WHERE NOT EXISTS (SELECT FROM pending)
          ON CONFLICT (id) DO NOTHING
          RETURNING {Columns}
        )
        SELECT {Columns}, true FROM added
        UNION ALL SELECT {Columns}, false FROM pending
        UNION ALL SELECT {Columns}, false FROM operator_commands WHERE id = $1 AND NOT EXISTS (SELECT FROM pending)
        LIMIT 1
        """;

    private const string Finish = $"UPDATE operator_commands SET started_at = coalesce(started_at, requested_at), finished_at = now(), outcome = $2 WHERE id = $1 AND finished_at IS NULL RETURNING {Columns}";

    /// <summary>Orders a silo to drain. It looks once a second.</summary>
    /// <returns>The order; an earlier one if there is one with this id, or one for this silo that is not finished.</returns>
    public async Task<OperatorCommand> DrainAsync(Guid id, string siloId, string requestedBy, CancellationToken cancellationToken = default) =>
        (await AddAsync(id, "drain", siloId, null, requestedBy, cancellationToken)).Command;

    /// <summary>Writes down that a grain is to leave memory; the caller does it and then calls <see cref="FinishAsync"/>.</summary>
    /// <returns>The line, and whether it was written now (otherwise the command is a repetition).</returns>
    public Task<(OperatorCommand Command, bool IsNew)> DeactivateAsync(Guid id, string grainId, string requestedBy, CancellationToken cancellationToken = default) =>
        AddAsync(id, "deactivate", null, grainId, requestedBy, cancellationToken);

    /// <summary>Writes down what came of a command.</summary>
    public async Task<OperatorCommand?> FinishAsync(Guid id, OperatorCommandOutcome outcome, CancellationToken cancellationToken = default)
    {
        await using var command = source.CreateCommand(Finish);
        command.Parameters.Add(new NpgsqlParameter<Guid>(null!, NpgsqlDbType.Uuid) { TypedValue = id });
        command.Parameters.Add(Text(EnumText<OperatorCommandOutcome>.Of(outcome)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader, 0) : null;
    }

    /// <summary>Reads a command whose columns begin there.</summary>
    internal static OperatorCommand Read(NpgsqlDataReader row, int first) => new()
    {
        Id = row.GetGuid(first),
        Kind = EnumText<OperatorCommandKind>.Parse(row.GetString(first + 1)),
        SiloId = row.IsDBNull(first + 2) ? null : row.GetString(first + 2),
        GrainId = row.IsDBNull(first + 3) ? null : row.GetString(first + 3),
        RequestedBy = row.GetString(first + 4),
        RequestedAt = row.GetFieldValue<DateTimeOffset>(first + 5),
        StartedAt = row.IsDBNull(first + 6) ? null : row.GetFieldValue<DateTimeOffset>(first + 6),
        FinishedAt = row.IsDBNull(first + 7) ? null : row.GetFieldValue<DateTimeOffset>(first + 7),
        Outcome = row.IsDBNull(first + 8) ? null : EnumText<OperatorCommandOutcome>.Parse(row.GetString(first + 8)),
    };

    private static NpgsqlParameter Text(string? value) => new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };

    private async Task<(OperatorCommand Command, bool IsNew)> AddAsync(Guid id, string kind, string? siloId, string? grainId, string requestedBy, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Insert);
        command.Parameters.Add(new NpgsqlParameter<Guid>(null!, NpgsqlDbType.Uuid) { TypedValue = id });
        foreach (var text in (string?[])[options.Value.ClusterId, kind, siloId, grainId, requestedBy])
            command.Parameters.Add(Text(text));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (Read(reader, 0), reader.GetBoolean(9));
    }
}
