using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Operations;

/// <summary>
/// Writes operators' commands down: that is the order and the audit trail at once. Safe to repeat with the same id, which belongs to one command: for another kind or target it is refused with
/// <c>cluster.key_used</c>.
/// </summary>
public sealed class OperatorCommands(NpgsqlDataSource source, IOptions<WarroomSiloOptions> options)
{
    private const string Columns = "id, kind, silo_id, grain_id, requested_by, requested_at, started_at, finished_at, outcome";

    // Orders to drain are given one at a time in a cluster, so that two of them cannot each count on the other's silo. Held until the batch's transaction ends; "drai" in ASCII.
    private const string Lock = "SELECT pg_advisory_xact_lock(1685217641, hashtext($1))";

    // A silo is drained once: whoever asks again meanwhile gets the order that is there. A silo that was ever ordered to drain does not count as one that goes on serving, whatever it still says of itself.
    private const string InsertDrain = $"""
        WITH known AS (
          SELECT {Columns} FROM operator_commands WHERE id = $1 OR (cluster_id = $2 AND kind = 'drain' AND silo_id = $3 AND finished_at IS NULL) ORDER BY id = $1 DESC LIMIT 1
        ), added AS (
          INSERT INTO operator_commands (id, cluster_id, kind, silo_id, requested_by, requested_at)
          SELECT $1, $2, 'drain', $3, $4, now()
          WHERE NOT EXISTS (SELECT FROM known) AND ($5::text[] IS NULL OR EXISTS (
            SELECT FROM unnest($5::text[]) AS other (id)
            WHERE NOT EXISTS (SELECT FROM operator_commands AS c WHERE c.cluster_id = $2 AND c.kind = 'drain' AND c.silo_id = other.id)
          ))
          ON CONFLICT DO NOTHING
          RETURNING {Columns}
        )
        SELECT {Columns} FROM known UNION ALL SELECT {Columns} FROM added
        """;

    private const string InsertDeactivation = $"""
        INSERT INTO operator_commands (id, cluster_id, kind, grain_id, requested_by, requested_at) VALUES ($1, $2, 'deactivate', $3, $4, now())
        ON CONFLICT DO NOTHING
        RETURNING {Columns}
        """;

    private const string Finish = $"UPDATE operator_commands SET started_at = coalesce(started_at, requested_at), finished_at = now(), outcome = $2 WHERE id = $1 AND finished_at IS NULL RETURNING {Columns}";

    private const string Find = $"SELECT {Columns} FROM operator_commands WHERE id = $1";

    /// <summary>The command that was given with this id.</summary>
    /// <returns>The command; null if there is none yet.</returns>
    /// <exception cref="DomainException">The id was used for something else: <c>cluster.key_used</c>.</exception>
    public async Task<OperatorCommand?> FindAsync(Guid id, OperatorCommandKind kind, string target, CancellationToken cancellationToken = default) =>
        await FindAsync(id, cancellationToken) is { } earlier ? Same(earlier, id, kind, target) : null;

    /// <summary>Orders a silo to drain. It looks once a second.</summary>
    /// <param name="id">The command's id.</param>
    /// <param name="siloId">The silo.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="others">The silos of which at least one must have no order to drain; null to order it whatever the others do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The order; an earlier one if there is one with this id, or one for this silo that is not finished. Null if none of the others would go on serving.</returns>
    /// <exception cref="DomainException">The id was used for something else: <c>cluster.key_used</c>.</exception>
    public async Task<OperatorCommand?> DrainAsync(Guid id, string siloId, string requestedBy, IReadOnlyCollection<string>? others, CancellationToken cancellationToken = default) =>
        // No row may also mean that another program, one that does not ask for the lock, wrote at the same time: looking again shows it.
        await TryDrainAsync(id, siloId, requestedBy, others, cancellationToken) ?? await TryDrainAsync(id, siloId, requestedBy, others, cancellationToken);

    /// <summary>Writes down that a grain is to leave memory; the caller does it and then calls <see cref="FinishAsync"/>.</summary>
    /// <returns>The line, and whether it was written now (otherwise the command is a repetition).</returns>
    /// <exception cref="DomainException">The id was used for something else: <c>cluster.key_used</c>.</exception>
    public async Task<(OperatorCommand Command, bool IsNew)> DeactivateAsync(Guid id, string grainId, string requestedBy, CancellationToken cancellationToken = default)
    {
        await using var command = source.CreateCommand(InsertDeactivation);
        Add(command.Parameters, Uuid(id), Text(options.Value.ClusterId), Text(grainId), Text(requestedBy));
        if (await FirstAsync(await command.ExecuteReaderAsync(cancellationToken), cancellationToken) is { } added)
            return (added, true);
        var earlier = await FindAsync(id, OperatorCommandKind.Deactivate, grainId, cancellationToken);
        return (earlier ?? throw new InvalidOperationException($"Command {id} was refused by the table and is not in it."), false);
    }

    /// <summary>Writes down what came of a command, unless that is written down already.</summary>
    /// <returns>The command as it is stored.</returns>
    public async Task<OperatorCommand?> FinishAsync(Guid id, OperatorCommandOutcome outcome, CancellationToken cancellationToken = default)
    {
        await using var command = source.CreateCommand(Finish);
        Add(command.Parameters, Uuid(id), Text(EnumText<OperatorCommandOutcome>.Of(outcome)));
        return await FirstAsync(await command.ExecuteReaderAsync(cancellationToken), cancellationToken) ?? await FindAsync(id, cancellationToken);
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

    private static NpgsqlParameter Uuid(Guid value) => new NpgsqlParameter<Guid>(null!, NpgsqlDbType.Uuid) { TypedValue = value };

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string>(null!, NpgsqlDbType.Text) { TypedValue = value };

    private static NpgsqlParameter Texts(IReadOnlyCollection<string>? values) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = values is null ? DBNull.Value : values.ToArray() };

    private static void Add(NpgsqlParameterCollection collection, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        foreach (var parameter in parameters)
            collection.Add(parameter);
    }

    private static async Task<OperatorCommand?> FirstAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await using (reader)
        {
            return await reader.ReadAsync(cancellationToken) ? Read(reader, 0) : null;
        }
    }

    /// <summary>A repetition asks for what was asked for; anything else under its id is another command whose sender would believe it done. An order that somebody else gave is no repetition.</summary>
    private static OperatorCommand Same(OperatorCommand command, Guid id, OperatorCommandKind kind, string target) =>
        command.Id != id || (command.Kind == kind && (command.SiloId ?? command.GrainId) == target)
            ? command
            : throw new DomainException(
                RefusalKind.Conflict,
                "cluster.key_used",
                $"{id} was given with another command: {EnumText<OperatorCommandKind>.Of(command.Kind)} {command.SiloId ?? command.GrainId}. Send {EnumText<OperatorCommandKind>.Of(kind)} {target} with a new Idempotency-Key.");

    private async Task<OperatorCommand?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Find);
        Add(command.Parameters, Uuid(id));
        return await FirstAsync(await command.ExecuteReaderAsync(cancellationToken), cancellationToken);
    }

    private async Task<OperatorCommand?> TryDrainAsync(Guid id, string siloId, string requestedBy, IReadOnlyCollection<string>? others, CancellationToken cancellationToken)
    {
        // A batch is one transaction, and each of its statements sees what was committed before it began: the second sees all orders that were given under the lock.
        await using var batch = source.CreateBatch();
        var hold = new NpgsqlBatchCommand(Lock);
        Add(hold.Parameters, Text(options.Value.ClusterId));
        var insert = new NpgsqlBatchCommand(InsertDrain);
        Add(insert.Parameters, Uuid(id), Text(options.Value.ClusterId), Text(siloId), Text(requestedBy), Texts(others));
        batch.BatchCommands.Add(hold);
        batch.BatchCommands.Add(insert);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Same(Read(reader, 0), id, OperatorCommandKind.Drain, siloId) : null;
    }
}
