using Npgsql;

namespace Warroom.Storage.Tests;

/// <summary>Holds the lock of one note's row, so that a writer that comes to it stands still: what is handed over meanwhile is one batch afterwards.</summary>
internal sealed class RowLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private RowLock(NpgsqlConnection connection) => _connection = connection;

    public static async Task<RowLock> TakeAsync(string connectionString, Guid id)
    {
        var connection = await Sql.OpenAsync(connectionString);
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM notes WHERE id = '{id}' FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync();
        return new(connection);
    }

    public async Task ReleaseAsync()
    {
        await using var command = new NpgsqlCommand("ROLLBACK", _connection);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
