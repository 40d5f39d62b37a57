using Warroom.Persistence;
using Xunit;

namespace Warroom.Storage.Tests;

/// <summary>Holds what is stored of a note against the promises of a log, by reading it with plain SQL.</summary>
internal static class LogCheck
{
    /// <summary>Gap-free from 1, hashes chained, row at the last event, epochs never falling.</summary>
    public static async Task IsWholeAsync(string connectionString, Guid id, long version)
    {
        await using var connection = await Sql.OpenAsync(connectionString);
        await using var command = new Npgsql.NpgsqlCommand($"SELECT seq, hash, body::text, epoch FROM note_events WHERE note_id = '{id}' ORDER BY seq", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var (seq, hash, epoch) = (0L, EventHash.Genesis, 0L);
        while (await reader.ReadAsync())
        {
            hash = EventHash.Next(hash, id, ++seq, reader.GetString(2));
            Assert.Equal(seq, reader.GetInt64(0));
            Assert.Equal(hash, reader.GetString(1));
            Assert.True(reader.GetInt64(3) >= epoch, $"Event {seq} of {id} has epoch {reader.GetInt64(3)} after {epoch}.");
            epoch = reader.GetInt64(3);
        }

        Assert.Equal(version, seq);
        if (version > 0)
            Assert.Equal($"{version} | {hash} | {version}", Assert.Single(await Sql.LinesAsync(connectionString, $"SELECT version, hash, count FROM notes WHERE id = '{id}'")));
    }
}
