using System.Globalization;
using Npgsql;

namespace Warroom.Postgres;

/// <summary>What the server must be like, so that an acknowledged write is a durable one.</summary>
internal static class PostgresSettings
{
    /// <summary>The oldest server that the tests ran on.</summary>
    public const int VersionMin = 150_000;

    private static readonly string[] MustBeOn = ["fsync", "full_page_writes", "synchronous_commit"];

    /// <summary>Looks at the server's settings.</summary>
    /// <exception cref="DatabaseRefusedException">An acknowledged write could be lost, or the server cannot serve this process.</exception>
    public static async Task CheckAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT name, setting FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections', 'superuser_reserved_connections', 'reserved_connections', 'server_version_num', 'server_encoding')
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var settings = (await PostgresReader.RowsAsync(reader, row => (Name: row.GetString(0), Value: row.GetString(1)), cancellationToken)).ToDictionary(row => row.Name, row => row.Value);
        if (Refusal(settings, new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize) is { } refusal)
            throw new DatabaseRefusedException(refusal);
    }

    /// <summary>Why a server with these settings is refused, or <see langword="null"/>.</summary>
    internal static string? Refusal(IReadOnlyDictionary<string, string> settings, int poolSizeMax)
    {
        foreach (var name in MustBeOn)
        {
            // synchronous_commit has more values than on and off; all others wait for the local flush.
            if (settings.TryGetValue(name, out var value) && value == "off")
                return $"The database has {name} = off: a write that Warroom acknowledges could be lost. Set it to on.";
        }

        if (settings.TryGetValue("server_encoding", out var encoding) && encoding != "UTF8")
            return $"The database's encoding is {encoding}; it must be UTF8.";
        if (Number("server_version_num") is > 0 and < VersionMin and var version)
            return $"The server is PostgreSQL {version / 10_000}; it must be {VersionMin / 10_000} or later.";
        var usable = Number("max_connections") - Number("superuser_reserved_connections") - Number("reserved_connections");
        return usable > 0 && poolSizeMax > usable
            ? $"This process may open {poolSizeMax} connections, but the server lets ordinary roles open {usable} (max_connections less the reserved ones). Lower Postgres:PoolSizeMax or raise max_connections."
            : null;

        int Number(string name) => settings.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
