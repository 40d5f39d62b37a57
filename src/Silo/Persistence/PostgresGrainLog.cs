using System.Text.Json;
using Warroom.Postgres;

namespace Warroom.Persistence;

/// <summary>The log door: <see cref="IGrainLog{TState}"/> over PostgreSQL, with group commit.</summary>
internal sealed class PostgresGrainLog<TState> : IGrainLog<TState>
    where TState : class
{
    private readonly LogTable<TState> _table;
    private readonly PostgresReader _reader;
    private readonly GroupCommit _commit;
    private readonly LogWriteTable<TState> _writes;

    public PostgresGrainLog(LogTable<TState> table, PostgresReader reader, GroupCommit commit)
    {
        _table = table;
        _reader = reader;
        _commit = commit;
        _writes = new(table, commit.WriterId);
    }

    public async Task<LogSnapshot<TState>> LoadAsync(Guid ownerId, CancellationToken cancellationToken = default)
    {
        var rows = await _reader.ReadRowsAsync(
            $"SELECT version, epoch, hash, state::text FROM {_table.Names.Owners} WHERE id = $1",
            [LogReads.Uuid(ownerId)],
            row => (Version: row.GetInt64(0), Epoch: row.GetInt64(1), Hash: row.GetString(2), State: row.GetString(3)),
            cancellationToken);
        return rows.Count == 0
            ? new(null, 0, 0, EventHash.Genesis)
            : new(JsonSerializer.Deserialize(rows[0].State, _table.Json), rows[0].Version, rows[0].Epoch, rows[0].Hash);
    }

    public Task AppendAsync(LogAppend<TState> append)
    {
        ArgumentNullException.ThrowIfNull(append);
        return Mistake(append) is { } mistake
            ? Task.FromException(new ArgumentException(mistake, nameof(append)))
            : _commit.WriteAsync(new LogWrite<TState>(new(_writes, append.OwnerId, null), append));
    }

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1_000);
        return await LogReads.EventsAfterAsync(_reader, _table.Names, ownerId, afterSeq, limit, cancellationToken);
    }

    public async Task<long?> FindOperationAsync(Guid ownerId, Guid operationId, CancellationToken cancellationToken = default)
    {
        var seqs = await _reader.ReadRowsAsync(
            $"SELECT seq FROM {_table.Names.Operations} WHERE {_table.Names.OwnerColumn} = $1 AND operation_id = $2",
            [LogReads.Uuid(ownerId), LogReads.Uuid(operationId)],
            row => row.GetInt64(0),
            cancellationToken);
        return seqs.Count == 0 ? null : seqs[0];
    }

    /// <summary>What makes the log gap-free is checked before anything is sent: the statement relies on it.</summary>
    private static string? Mistake(LogAppend<TState> append)
    {
        if (append.ExpectedVersion < 0 || append.ExpectedEpoch < 0)
            return $"Version {append.ExpectedVersion} and epoch {append.ExpectedEpoch} cannot be negative.";
        if (append.Epoch != append.ExpectedEpoch && append.Epoch != append.ExpectedEpoch + 1)
            return $"The epoch {append.Epoch} must be the expected one ({append.ExpectedEpoch}) or the next.";
        if (append.ExpectedEpoch == 0 && append.ExpectedVersion != 0)
            return $"A log of version {append.ExpectedVersion} has an epoch.";
        if (append.ExpectedEpoch == 0 && append.ExpectedHash != EventHash.Genesis)
            return "The hash before the first event is 64 times 0.";
        if (append.Epoch == 0)
            return "The first epoch is 1.";
        for (var i = 0; i < append.Events.Count; i++)
        {
            if (append.Events[i].Seq != append.ExpectedVersion + 1 + i)
                return $"Event {append.Events[i].Seq} of {append.OwnerId} must have number {append.ExpectedVersion + 1 + i}.";
        }

        return append.Events.Count > 0 && append.Events[^1].Hash != append.Hash ? $"The hash after must be that of event {append.Events[^1].Seq}." : null;
    }
}
