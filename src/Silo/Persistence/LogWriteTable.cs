using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Orleans.Storage;

namespace Warroom.Persistence;

/// <summary>Writes one kind of log: owner rows, events, operations and links in one statement.</summary>
internal sealed class LogWriteTable<TState> : WriteTable
    where TState : class
{
    private readonly LogTable<TState> _table;
    private readonly Guid _writerId;
    private readonly string _sql;

    public LogWriteTable(LogTable<TState> table, Guid writerId)
    {
        _table = table;
        _writerId = writerId;
        _sql = BuildSql(table);
    }

    public override string Name => _table.Names.Owners;

    public override bool CanFollow(PendingWrite previous, PendingWrite next) =>
        previous is LogWrite<TState> before && next is LogWrite<TState> after
        && after.Append.ExpectedVersion == before.Version && after.Append.ExpectedHash == before.Append.Hash && after.Append.ExpectedEpoch == before.Append.Epoch && after.Append.Epoch == before.Append.Epoch;

    public override NpgsqlBatchCommand BuildCommand(IReadOnlyList<WriteUnit> units)
    {
        var owners = new OwnerArrays(units.Count, _table.Columns.Count);
        var events = new EventArrays(units.Sum(unit => unit.Writes.Sum(write => ((LogWrite<TState>)write).Append.Events.Count)));
        List<Guid> operationOwners = [], operationIds = [];
        List<long> operationSeqs = [];
        var linkOwners = _table.Links.Select(_ => new List<Guid>()).ToList();
        var linkValues = _table.Links.Select(_ => new List<string>()).ToList();
        for (var i = 0; i < units.Count; i++)
        {
            AddOwner(owners, i, units[i]);
            foreach (var write in units[i].Writes.Cast<LogWrite<TState>>())
            {
                events.Add(write.Append);
                if (Guards.OperationIds && write.Append.OperationId is { } operationId)
                {
                    operationOwners.Add(write.Append.OwnerId);
                    operationIds.Add(operationId);
                    operationSeqs.Add(write.Version);
                }
            }

            var last = ((LogWrite<TState>)units[i].Writes[^1]).Append;
            for (var link = 0; link < _table.Links.Count; link++)
            {
                foreach (var value in _table.Links[link].Values(last.State))
                {
                    StoredText.Check(_table.Links[link].Column, value);
                    linkOwners[link].Add(last.OwnerId);
                    linkValues[link].Add(value);
                }
            }
        }

        var command = new NpgsqlBatchCommand(_sql);
        var parameters = command.Parameters;
        parameters.Add(new NpgsqlParameter<Guid>(null!, NpgsqlDbType.Uuid) { TypedValue = _writerId });
        Add(parameters, NpgsqlDbType.Uuid, owners.Ids);
        Add(parameters, NpgsqlDbType.Bigint, owners.ExpectedVersions);
        Add(parameters, NpgsqlDbType.Bigint, owners.ExpectedEpochs);
        Add(parameters, NpgsqlDbType.Text, owners.ExpectedHashes);
        Add(parameters, NpgsqlDbType.Bigint, owners.Versions);
        Add(parameters, NpgsqlDbType.Bigint, owners.Epochs);
        Add(parameters, NpgsqlDbType.Text, owners.Hashes);
        Add(parameters, NpgsqlDbType.Text, owners.States);
        for (var column = 0; column < _table.Columns.Count; column++)
        {
            var kind = _table.Columns[column].Kind;
            parameters.Add(new() { NpgsqlDbType = kind.ParameterType, Value = kind.ToArray(owners.Columns[column]) });
        }

        Add(parameters, NpgsqlDbType.Uuid, events.Owners);
        Add(parameters, NpgsqlDbType.Bigint, events.Seqs);
        Add(parameters, NpgsqlDbType.Bigint, events.Epochs);
        Add(parameters, NpgsqlDbType.Text, events.Hashes);
        Add(parameters, NpgsqlDbType.Text, events.Bodies);
        Add(parameters, NpgsqlDbType.Uuid, operationOwners.ToArray());
        Add(parameters, NpgsqlDbType.Uuid, operationIds.ToArray());
        Add(parameters, NpgsqlDbType.Bigint, operationSeqs.ToArray());
        for (var link = 0; link < _table.Links.Count; link++)
        {
            Add(parameters, NpgsqlDbType.Uuid, linkOwners[link].ToArray());
            Add(parameters, NpgsqlDbType.Text, linkValues[link].ToArray());
        }

        return command;
    }

    public override async Task ReadResultAsync(NpgsqlDataReader reader, IReadOnlyList<WriteUnit> units, CancellationToken cancellationToken)
    {
        var passed = new HashSet<Guid>(units.Count);
        while (await reader.ReadAsync(cancellationToken))
            passed.Add(reader.GetGuid(0));
        foreach (var unit in units)
            unit.Passed = passed.Contains(unit.Key.Id);
    }

    public override async Task<Finding> FindOutAsync(NpgsqlConnection connection, WriteUnit unit, CancellationToken cancellationToken)
    {
        var first = ((LogWrite<TState>)unit.Writes[0]).Append;
        var last = (LogWrite<TState>)unit.Writes[^1];
        var names = _table.Names;
        await using var command = new NpgsqlCommand(
            $"""
            SELECT r.version, r.epoch, r.writer, r.hash, (SELECT e.hash FROM {names.Events} e WHERE e.{names.OwnerColumn} = $1 AND e.seq = $2),
              (SELECT o.seq FROM {names.Operations} o WHERE o.{names.OwnerColumn} = $1 AND o.operation_id = $3)
            FROM (SELECT) one LEFT JOIN {names.Owners} r ON r.id = $1
            """,
            connection);
        command.Parameters.Add(LogReads.Uuid(first.OwnerId));
        command.Parameters.Add(LogReads.Bigint(last.Version));
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)first.OperationId ?? DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var exists = !await reader.IsDBNullAsync(0, cancellationToken);
        var (version, epoch) = exists ? (reader.GetInt64(0), reader.GetInt64(1)) : (0, 0);
        if (unit.MayBeThere && exists)
        {
            // Either the row is as this unit leaves it, or somebody has written since: then its last event tells.
            var isAsLeft = version == last.Version && epoch == last.Append.Epoch && reader.GetGuid(2) == _writerId && reader.GetString(3) == last.Append.Hash;
            var hasEvents = unit.Writes.Any(write => ((LogWrite<TState>)write).Append.Events.Count > 0);
            if (isAsLeft || (hasEvents && !await reader.IsDBNullAsync(4, cancellationToken) && reader.GetString(4) == last.Append.Hash))
                return new(IsThere: true, null);
            if (!hasEvents && epoch > last.Append.Epoch)
                return new(IsThere: false, new AppendOutcomeUnknownException($"The connection broke around the commit of a write without events to {unit.Key}, and another activation has written since."));
        }

        if (first.OperationId is { } operationId && !await reader.IsDBNullAsync(5, cancellationToken))
            return new(IsThere: false, new OperationRepeatedException(operationId, reader.GetInt64(5)));
        var stored = exists ? $"{version}@{epoch}" : null;
        var expected = $"{first.ExpectedVersion}@{first.ExpectedEpoch}";
        return new(IsThere: false, new InconsistentStateException($"{unit.Key} is not as expected (version@epoch): another activation has written.", stored, expected));
    }

    private void AddOwner(OwnerArrays owners, int i, WriteUnit unit)
    {
        var first = ((LogWrite<TState>)unit.Writes[0]).Append;
        var last = (LogWrite<TState>)unit.Writes[^1];
        owners.Ids[i] = first.OwnerId;
        owners.ExpectedVersions[i] = first.ExpectedVersion;
        owners.ExpectedEpochs[i] = first.ExpectedEpoch;
        owners.ExpectedHashes[i] = first.ExpectedHash;
        owners.Versions[i] = last.Version;
        owners.Epochs[i] = last.Append.Epoch;
        owners.Hashes[i] = last.Append.Hash;
        owners.States[i] = JsonSerializer.Serialize(last.Append.State, _table.Json);
        for (var column = 0; column < _table.Columns.Count; column++)
            owners.Columns[column][i] = _table.Columns[column].ValueOf(last.Append.State);
    }

    /// <summary>
    /// The statement. $1 is the process; then come arrays, one for each column of the owners, the events, the operations and the links. A row is written if version, epoch and hash are as expected and its operations are new; an epoch that is already
    /// the append's own must have been claimed by this process, for two activations that read the same epoch claim the same next one, and an append without events leaves the hash as it was. Everything else is inserted for the owners that passed.
    /// </summary>
    private static string BuildSql(LogTable<TState> table)
    {
        var names = table.Names;
        var parameter = 1;
        string Next(string type) => $"${++parameter}::{type}";
        var owners = $"unnest({Next("uuid[]")}, {Next("bigint[]")}, {Next("bigint[]")}, {Next("text[]")}, {Next("bigint[]")}, {Next("bigint[]")}, {Next("text[]")}, {Next("text[]")}"
            + string.Concat(table.Columns.Select(column => $", {Next(column.Kind.ArrayType)}")) + ")";
        var columns = string.Concat(table.Columns.Select(column => $", {column.Name}"));
        var values = string.Concat(table.Columns.Select(column => $", i.{column.Name}{column.Kind.Cast}"));
        var events = $"unnest({Next("uuid[]")}, {Next("bigint[]")}, {Next("bigint[]")}, {Next("text[]")}, {Next("text[]")})";
        var operations = $"unnest({Next("uuid[]")}, {Next("uuid[]")}, {Next("bigint[]")})";
        var isAsExpected = Guards.Fencing ? "r.version = i.expected_version AND r.epoch = i.expected_epoch AND r.hash = i.expected_hash AND (i.epoch <> i.expected_epoch OR r.writer = $1)" : "true";
        var links = string.Concat(table.Links.Select((link, index) => $"""
            , link_{index} AS (
              INSERT INTO {link.Name} ({names.OwnerColumn}, {link.Column})
              SELECT l.owner_id, l.value FROM unnest({Next("uuid[]")}, {Next("text[]")}) AS l (owner_id, value)
              WHERE (l.owner_id IN (SELECT p.id FROM passed p)) IS TRUE
              ON CONFLICT DO NOTHING
            )
            """));
        return $"""
            WITH input AS MATERIALIZED (
              SELECT * FROM {owners} AS t (id, expected_version, expected_epoch, expected_hash, version, epoch, hash, state{columns})
            ), operation AS MATERIALIZED (
              SELECT * FROM {operations} AS t (owner_id, operation_id, seq)
            ), repeated AS MATERIALIZED (
              SELECT o.owner_id FROM operation o JOIN {names.Operations} s ON s.{names.OwnerColumn} = o.owner_id AND s.operation_id = o.operation_id
            ), updated AS (
              UPDATE {names.Owners} r SET (version, epoch, writer, hash, state{columns}) = ROW (i.version, i.epoch, $1, i.hash, i.state::jsonb{values})
              FROM input i
              WHERE r.id = i.id AND {isAsExpected}
                AND (i.id IN (SELECT x.owner_id FROM repeated x)) IS NOT TRUE
              RETURNING r.id
            ), inserted AS (
              INSERT INTO {names.Owners} (id, version, epoch, writer, hash, state{columns})
              SELECT i.id, i.version, i.epoch, $1, i.hash, i.state::jsonb{values} FROM input i
              WHERE i.expected_epoch = 0 AND (i.id IN (SELECT x.owner_id FROM repeated x)) IS NOT TRUE
              ON CONFLICT (id) DO NOTHING
              RETURNING id
            ), passed AS MATERIALIZED (
              SELECT u.id FROM updated u UNION ALL SELECT n.id FROM inserted n
            ), event AS (
              INSERT INTO {names.Events} ({names.OwnerColumn}, seq, epoch, hash, body)
              SELECT e.owner_id, e.seq, e.epoch, e.hash, e.body::json FROM {events} AS e (owner_id, seq, epoch, hash, body)
              WHERE (e.owner_id IN (SELECT p.id FROM passed p)) IS TRUE
              {(Guards.Fencing ? "" : "ON CONFLICT DO NOTHING")}
            ), operation_row AS (
              INSERT INTO {names.Operations} ({names.OwnerColumn}, operation_id, seq)
              SELECT o.owner_id, o.operation_id, o.seq FROM operation o
              WHERE (o.owner_id IN (SELECT p.id FROM passed p)) IS TRUE
            ){links}
            SELECT p.id FROM passed p
            """;
    }

    private static void Add<T>(NpgsqlParameterCollection parameters, NpgsqlDbType type, T[] values) =>
        parameters.Add(new NpgsqlParameter<T[]>(null!, NpgsqlDbType.Array | type) { TypedValue = values });

    private sealed class OwnerArrays(int count, int columns)
    {
        public Guid[] Ids { get; } = new Guid[count];

        public long[] ExpectedVersions { get; } = new long[count];

        public long[] ExpectedEpochs { get; } = new long[count];

        public string[] ExpectedHashes { get; } = new string[count];

        public long[] Versions { get; } = new long[count];

        public long[] Epochs { get; } = new long[count];

        public string[] Hashes { get; } = new string[count];

        public string[] States { get; } = new string[count];

        public object?[][] Columns { get; } = [.. Enumerable.Range(0, columns).Select(_ => new object?[count])];
    }

    private sealed class EventArrays(int count)
    {
        private int _next;

        public Guid[] Owners { get; } = new Guid[count];

        public long[] Seqs { get; } = new long[count];

        public long[] Epochs { get; } = new long[count];

        public string[] Hashes { get; } = new string[count];

        public string[] Bodies { get; } = new string[count];

        public void Add(LogAppend<TState> append)
        {
            foreach (var happened in append.Events)
            {
                StoredText.Check("An event's body", happened.Body);
                Owners[_next] = append.OwnerId;
                Seqs[_next] = happened.Seq;
                Epochs[_next] = append.Epoch;
                Hashes[_next] = happened.Hash;
                Bodies[_next++] = happened.Body;
            }
        }
    }
}
