using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Services;

/// <summary>A service of the catalogue and how many unresolved incidents are linked to it.</summary>
public sealed record ServiceWithIncidents(ServiceView Service, int OpenIncidents);

/// <summary>The catalogue as it is committed.</summary>
public sealed class ServiceQueries(PostgresReader reader)
{
    private const string Select = """
        SELECT s.key, s.description, s.owner, s.depends_on::text, s.health, s.sample, s.created_at, s.updated_at,
          (SELECT count(*) FROM incidents_services l JOIN incidents i ON i.id = l.incident_id WHERE l.service = s.key AND i.status <> 'resolved')
        FROM services s
        WHERE s.state IS NOT NULL
        """;

    /// <summary>All of them by name; at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<ServiceWithIncidents>> ListAsync(int limit = 1_000, CancellationToken cancellationToken = default) =>
        await reader.ReadRowsAsync($"{Select} ORDER BY s.key LIMIT $1", [new() { NpgsqlDbType = NpgsqlDbType.Integer, Value = limit }], Service, cancellationToken);

    /// <summary>One of them, or <see langword="null"/> if it is not registered.</summary>
    public async Task<ServiceWithIncidents?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        var services = await reader.ReadRowsAsync($"{Select} AND s.key = $1", [new() { NpgsqlDbType = NpgsqlDbType.Text, Value = name }], Service, cancellationToken);
        return services.Count == 0 ? null : services[0];
    }

    private static ServiceWithIncidents Service(NpgsqlDataReader row) => new(
        new()
        {
            Name = row.GetString(0),
            Description = row.GetString(1),
            Owner = row.GetString(2),
            DependsOn = [.. Names(row.GetString(3))],
            Health = EnumText<ServiceHealth>.Parse(row.GetString(4)),
            Sample = row.GetBoolean(5),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(7),
        },
        (int)row.GetInt64(8));

    private static ImmutableArray<string> Names(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(name => name.GetString()!)];
    }
}
