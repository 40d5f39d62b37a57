using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Orleans.Storage;

namespace Warroom.Persistence;

/// <summary>Writes one kind of grain state.</summary>
internal sealed class StateWriteTable : WriteTable
{
    private readonly StateTable _table;
    private readonly IReadOnlyList<(string Name, ColumnKind Kind)> _columns;
    private readonly string _sql;

    public StateWriteTable(StateTable table)
    {
        _table = table;
        _columns = table.ColumnKinds;
        _sql = BuildSql(table.Table, _columns);
    }

    public override string Name => _table.Table;

    /// <summary>The next write of a state carries the ETag that this one gives, so it cannot be waiting yet.</summary>
    public override bool CanFollow(PendingWrite previous, PendingWrite next) => false;

    public override NpgsqlBatchCommand BuildCommand(IReadOnlyList<WriteUnit> units)
    {
        var writes = units.Select(unit => (StateWrite)unit.Writes[0]).ToList();
        var command = new NpgsqlBatchCommand(_sql);
        Add(command, NpgsqlDbType.Text, writes.Select(write => write.Key.Name!));
        Add(command, NpgsqlDbType.Bigint, writes.Select(write => write.ExpectedVersion));
        Add(command, NpgsqlDbType.Uuid, writes.Select(write => write.WriteId));
        Add(command, NpgsqlDbType.Text, writes.Select(write => write.State));
        for (var i = 0; i < _columns.Count; i++)
        {
            var column = i;
            var kind = _columns[i].Kind;
            command.Parameters.Add(new() { NpgsqlDbType = kind.ParameterType, Value = kind.ToArray([.. writes.Select(write => write.Columns[column])]) });
        }

        return command;
    }

    public override async Task ReadResultAsync(NpgsqlDataReader reader, IReadOnlyList<WriteUnit> units, CancellationToken cancellationToken)
    {
        var versions = new Dictionary<string, long>(units.Count);
        while (await reader.ReadAsync(cancellationToken))
            versions.Add(reader.GetString(0), reader.GetInt64(1));
        foreach (var unit in units)
        {
            unit.Passed = versions.TryGetValue(unit.Key.Name!, out var version);
            ((StateWrite)unit.Writes[0]).Version = version;
        }
    }

    public override async Task<Finding> FindOutAsync(NpgsqlConnection connection, WriteUnit unit, CancellationToken cancellationToken)
    {
        var write = (StateWrite)unit.Writes[0];
        await using var command = new NpgsqlCommand($"SELECT version, write_id, state IS NOT NULL FROM {_table.Table} WHERE key = $1", connection);
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = write.Key.Name! });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        string? stored = null;
        if (await reader.ReadAsync(cancellationToken))
        {
            var version = reader.GetInt64(0);
            if (unit.MayBeThere && reader.GetGuid(1) == write.WriteId)
            {
                write.Version = version;
                return new(IsThere: true, null);
            }

            stored = reader.GetBoolean(2) ? version.ToString(CultureInfo.InvariantCulture) : null;
        }

        var expected = write.ExpectedVersion == 0 ? null : write.ExpectedVersion.ToString(CultureInfo.InvariantCulture);
        return new(IsThere: false, new InconsistentStateException($"{unit.Key} has ETag {stored ?? "(none)"}, but {expected ?? "(none)"} was expected: another activation has written.", stored, expected));
    }

    /// <summary>
    /// The statement: a row that is as expected is updated (a cleared one counts as none), a missing one inserted. A null state clears: version and typed columns stay, so that no later version is
    /// one that was there before.
    /// </summary>
    private static string BuildSql(string table, IReadOnlyList<(string Name, ColumnKind Kind)> columns)
    {
        var parameter = 4;
        var arrays = string.Concat(columns.Select(column => $", ${++parameter}::{column.Kind.ArrayType}"));
        var names = string.Concat(columns.Select(column => $", {column.Name}"));
        var values = string.Concat(columns.Select(column => $", i.{column.Name}{column.Kind.Cast}"));
        var sets = string.Concat(columns.Select(column => $", {column.Name} = CASE WHEN i.state IS NULL THEN r.{column.Name} ELSE i.{column.Name}{column.Kind.Cast} END"));
        return $"""
            WITH input AS MATERIALIZED (
              SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[]{arrays}) AS t (key, expected_version, write_id, state{names})
            ), updated AS (
              UPDATE {table} r SET version = r.version + 1, write_id = i.write_id, state = i.state::jsonb{sets}
              FROM input i
              WHERE r.key = i.key AND ((r.state IS NOT NULL AND r.version = i.expected_version) OR (r.state IS NULL AND i.expected_version = 0))
              RETURNING r.key, r.version
            ), inserted AS (
              INSERT INTO {table} (key, version, write_id, state{names})
              SELECT i.key, 1, i.write_id, i.state::jsonb{values} FROM input i WHERE i.expected_version = 0
              ON CONFLICT (key) DO NOTHING
              RETURNING key, version
            )
            SELECT u.key, u.version FROM updated u UNION ALL SELECT n.key, n.version FROM inserted n
            """;
    }

    private static void Add<T>(NpgsqlBatchCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new NpgsqlParameter<T[]>(null!, NpgsqlDbType.Array | type) { TypedValue = [.. values] });
}
