using System.Data;
using Npgsql;

namespace Warroom.Persistence;

/// <summary>The connection of one writer, kept from batch to batch and replaced when it breaks or grows old.</summary>
internal sealed class WriterConnection(NpgsqlDataSource source, TimeProvider time, TimeSpan lifetime) : IAsyncDisposable
{
    // The batch statements find every row by its key. Without these settings the planner, whose plan is kept for long, may choose to read whole tables while they are still
    // small. Sets within a statement are compared by hashed subplans, which no setting turns off, so nested loops are all that is needed. A ghost of an earlier
    // attempt (its connection broken, its transaction not yet ended) may hold a row's lock: that is waited for, but not for ever.
    private const string Settings = """
        SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET lock_timeout = '5s'
        """;

    private NpgsqlConnection? _connection;
    private long _opened;

    /// <summary>The open connection.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { FullState: ConnectionState.Open } open && time.GetElapsedTime(_opened) < lifetime)
            return open;

        await DiscardAsync();
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(Settings, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        _opened = time.GetTimestamp();
        _connection = connection;
        return connection;
    }

    /// <summary>Gives the connection up: the next batch opens another.</summary>
    public async ValueTask DiscardAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => DiscardAsync();
}
