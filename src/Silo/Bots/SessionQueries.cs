using Npgsql;
using NpgsqlTypes;
using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Bots;

/// <summary>Bot sessions as they are committed. What a reply in flight says is its grain's to tell.</summary>
public sealed class SessionQueries(PostgresReader reader)
{
    private const string Columns = "id, version, bot_id, title, created_at, updated_at, message_count";

    /// <summary>One page, newest change first.</summary>
    /// <param name="botId">Only this bot's; <see langword="null"/>: all.</param>
    /// <param name="limit">At most so many; 1 to 200.</param>
    /// <param name="offset">How many are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Page<SessionView>> ListAsync(string? botId, int limit, int offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 200);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);

        // The server refuses a NUL, which no bot's id can have.
        if (botId?.Contains('\0', StringComparison.Ordinal) == true)
            return Task.FromResult(new Page<SessionView>([], 0));
        var where = botId is null ? "" : " WHERE bot_id = $3";
        return reader.ReadAsync(
            async (connection, token) =>
            {
                await using var batch = new NpgsqlBatch(connection);
                var count = new NpgsqlBatchCommand($"SELECT count(*) FROM bot_sessions{(botId is null ? "" : " WHERE bot_id = $1")}");
                var page = new NpgsqlBatchCommand($"SELECT {Columns} FROM bot_sessions{where} ORDER BY updated_at DESC, id DESC LIMIT $1 OFFSET $2");
                page.Parameters.Add(LogReads.Bigint(limit));
                page.Parameters.Add(LogReads.Bigint(offset));
                if (botId is not null)
                {
                    count.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = botId });
                    page.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = botId });
                }

                batch.BatchCommands.Add(count);
                batch.BatchCommands.Add(page);
                await using var rows = await batch.ExecuteReaderAsync(token);
                await rows.ReadAsync(token);
                var total = rows.GetInt64(0);
                await rows.NextResultAsync(token);
                return new Page<SessionView>(await PostgresReader.RowsAsync(rows, Session, token), total);
            },
            cancellationToken);
    }

    /// <summary>A session as it is stored, without its reply in flight, or <see langword="null"/> if there is none with this id.</summary>
    public async Task<SessionView?> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var sessions = await reader.ReadRowsAsync($"SELECT {Columns} FROM bot_sessions WHERE id = $1", [LogReads.Uuid(id)], Session, cancellationToken);
        return sessions.Count == 0 ? null : sessions[0];
    }

    /// <summary>Events after a number, or <see langword="null"/> if there is no such session.</summary>
    /// <param name="id">The session.</param>
    /// <param name="afterSeq">0: from the first.</param>
    /// <param name="limit">At most so many; 1 to 1,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LogPage?> EventsAsync(Guid id, long afterSeq, int limit, CancellationToken cancellationToken = default) =>
        LogReads.PageAsync(reader, LogNames.Sessions, id, afterSeq, limit, cancellationToken);

    /// <summary>The sessions whose row has a reply in flight, by id.</summary>
    /// <param name="since">Only those with an event in this time; <see langword="null"/>: all, which reads the whole table.</param>
    /// <param name="after">Only those with a higher id.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Guid>> InFlightAsync(TimeSpan? since, Guid after, int limit, CancellationToken cancellationToken = default)
    {
        var recent = since is null ? "" : " AND updated_at > now() - $3";
        var parameters = new List<NpgsqlParameter> { LogReads.Uuid(after), LogReads.Bigint(limit) };
        if (since is { } time)
            parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Interval, Value = time });
        return await reader.ReadRowsAsync(
            $"SELECT id FROM bot_sessions WHERE id > $1 AND state ->> 'live' IS NOT NULL{recent} ORDER BY id LIMIT $2", parameters, row => row.GetGuid(0), cancellationToken);
    }

    private static SessionView Session(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Version = row.GetInt64(1),
        BotId = row.GetString(2),
        Title = row.GetString(3),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(4),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(5),
        MessageCount = row.GetInt32(6),
    };
}
