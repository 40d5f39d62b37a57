using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Persistence;

/// <summary>The numbers of the last events of many logs in one read: what front ends compare their feeds with.</summary>
public sealed class LogVersions(PostgresReader reader)
{
    /// <summary>Those of incidents; one that does not exist is left out.</summary>
    public Task<IReadOnlyDictionary<Guid, long>> OfIncidentsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken = default) => ReadAsync(LogNames.Incidents, ids, cancellationToken);

    /// <summary>Those of bot sessions; one that does not exist is left out.</summary>
    public Task<IReadOnlyDictionary<Guid, long>> OfSessionsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken = default) => ReadAsync(LogNames.Sessions, ids, cancellationToken);

    private async Task<IReadOnlyDictionary<Guid, long>> ReadAsync(LogNames names, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var rows = await reader.ReadRowsAsync(
            $"SELECT id, version FROM {names.Owners} WHERE id = ANY ($1)",
            [new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid, Value = ids.ToArray() }],
            row => KeyValuePair.Create(row.GetGuid(0), row.GetInt64(1)),
            cancellationToken);
        return new Dictionary<Guid, long>(rows);
    }
}
