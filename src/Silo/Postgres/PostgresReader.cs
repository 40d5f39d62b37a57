using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Warroom.Postgres;

/// <summary>Reads: a failure that passes (a restarted database, a connection that was ended) is tried again on another connection for <see cref="PostgresOptions.ReadRetrySeconds"/>; then the original exception comes out.</summary>
public sealed partial class PostgresReader
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger<PostgresReader> _logger;
    private readonly TimeSpan _retryTime;
    private readonly Backoff _backoff;

    /// <summary>Reads from a data source.</summary>
    public PostgresReader(NpgsqlDataSource source, IOptions<PostgresOptions> options, TimeProvider time, ILogger<PostgresReader> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _source = source;
        _time = time;
        _logger = logger;
        _retryTime = TimeSpan.FromSeconds(options.Value.ReadRetrySeconds);
        _backoff = new(time);
    }

    /// <summary>Runs a read. It may run more than once, so it must change nothing.</summary>
    internal async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var repetition = 1; ; repetition++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return await read(connection, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested && PostgresFailure.Passes(failure) && _time.GetElapsedTime(started) < _retryTime)
            {
                LogReadAgain(failure, repetition);
                await _backoff.WaitAsync(repetition, cancellationToken);
            }
        }
    }

    /// <summary>Reads the rows of one statement with numbered parameters (<c>$1</c>, …).</summary>
    internal Task<List<T>> ReadRowsAsync<T>(string sql, IReadOnlyList<NpgsqlParameter> parameters, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken) =>
        ReadAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                foreach (var parameter in parameters)
                    command.Parameters.Add(parameter.Clone());
                await using var reader = await command.ExecuteReaderAsync(token);
                return await RowsAsync(reader, row, token);
            },
            cancellationToken);

    /// <summary>All rows of the reader's present result.</summary>
    internal static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        Debug.Assert(!reader.IsClosed, "The reader is closed.");
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
}
