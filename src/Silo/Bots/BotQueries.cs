using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Bots;

/// <summary>The bots as they are committed.</summary>
public sealed class BotQueries(PostgresReader reader)
{
    private const string Select = "SELECT key, name, persona, model, status, created_at, updated_at FROM bots WHERE state IS NOT NULL";

    /// <summary>All of them (at most 1,000 exist), by id.</summary>
    public async Task<IReadOnlyList<BotView>> ListAsync(CancellationToken cancellationToken = default) =>
        await reader.ReadRowsAsync($"{Select} ORDER BY length(key), key", [], Bot, cancellationToken);

    /// <summary>One of them, or <see langword="null"/> if there is none with this id.</summary>
    public async Task<BotView?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        var bots = await reader.ReadRowsAsync($"{Select} AND key = $1", [new() { NpgsqlDbType = NpgsqlDbType.Text, Value = id }], Bot, cancellationToken);
        return bots.Count == 0 ? null : bots[0];
    }

    private static BotView Bot(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        Persona = row.GetString(2),
        Model = row.GetString(3),
        Status = EnumText<BotStatus>.Parse(row.GetString(4)),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(6),
    };
}
