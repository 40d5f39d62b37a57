using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Persistence;

/// <summary>Reads of logs, for grains and front ends alike.</summary>
internal static class LogReads
{
    /// <summary>Events after a number in order, at most <paramref name="limit"/>.</summary>
    public static Task<List<LoggedEvent>> EventsAfterAsync(PostgresReader reader, LogNames names, Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken) =>
        reader.ReadRowsAsync(
            $"SELECT seq, hash, body::text FROM {names.Events} WHERE {names.OwnerColumn} = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            [Uuid(ownerId), Bigint(afterSeq), Bigint(limit)],
            Event,
            cancellationToken);

    /// <summary>Events up to a number (with it), the latest first, at most <paramref name="limit"/>.</summary>
    public static Task<List<LoggedEvent>> EventsUpToAsync(PostgresReader reader, LogNames names, Guid ownerId, long upToSeq, int limit, CancellationToken cancellationToken) =>
        reader.ReadRowsAsync(
            $"SELECT seq, hash, body::text FROM {names.Events} WHERE {names.OwnerColumn} = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3",
            [Uuid(ownerId), Bigint(upToSeq), Bigint(limit)],
            Event,
            cancellationToken);

    /// <summary>A page of a log, or <see langword="null"/> if there is no such owner.</summary>
    public static async Task<LogPage?> PageAsync(PostgresReader reader, LogNames names, Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (await VersionAsync(reader, names, ownerId, cancellationToken) is not { } version)
            return null;

        // One more than asked for tells whether there are more; the version was read before and may be behind the events by now.
        var events = await EventsAfterAsync(reader, names, ownerId, afterSeq, limit + 1, cancellationToken);
        var more = events.Count > limit;
        version = events.Count == 0 ? version : Math.Max(version, events[^1].Seq);
        if (more)
            events.RemoveAt(limit);
        return new(events, version, more);
    }

    /// <summary>The number of a log's last event, or <see langword="null"/> if there is no such owner.</summary>
    public static async Task<long?> VersionAsync(PostgresReader reader, LogNames names, Guid ownerId, CancellationToken cancellationToken)
    {
        var versions = await reader.ReadRowsAsync<long?>($"SELECT version FROM {names.Owners} WHERE id = $1", [Uuid(ownerId)], row => row.GetInt64(0), cancellationToken);
        return versions.Count == 0 ? null : versions[0];
    }

    /// <summary>A parameter of type uuid.</summary>
    public static NpgsqlParameter Uuid(Guid value) => new NpgsqlParameter<Guid>(null!, NpgsqlDbType.Uuid) { TypedValue = value };

    /// <summary>A parameter of type bigint.</summary>
    public static NpgsqlParameter Bigint(long value) => new NpgsqlParameter<long>(null!, NpgsqlDbType.Bigint) { TypedValue = value };

    private static LoggedEvent Event(NpgsqlDataReader row) => new() { Seq = row.GetInt64(0), Hash = row.GetString(1), Body = row.GetString(2) };
}
