using System.Globalization;
using System.Text.Json;
using NpgsqlTypes;
using Orleans.Runtime;
using Orleans.Storage;
using Warroom.Postgres;

namespace Warroom.Persistence;

/// <summary>
/// The state door: each kind of state has its own table, found by its state name. The ETag is the row's version. When a task completes, the change is durable; the
/// writes of many grains travel in one transaction. A write whose outcome cannot be found out in time fails with <see cref="AppendOutcomeUnknownException"/>.
/// </summary>
internal sealed class WarroomGrainStorage : IGrainStorage
{
    /// <summary>The name in <c>[PersistentState]</c>.</summary>
    public const string ProviderName = "warroom";

    private readonly PostgresReader _reader;
    private readonly GroupCommit _commit;
    private readonly Dictionary<string, (StateTable Table, StateWriteTable Writes)> _tables;

    public WarroomGrainStorage(IEnumerable<StateTable> tables, PostgresReader reader, GroupCommit commit)
    {
        _reader = reader;
        _commit = commit;
        _tables = tables.ToDictionary(table => table.StateName, table => (table, new StateWriteTable(table)));
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var (table, _) = Find<T>(stateName);
        var rows = await _reader.ReadRowsAsync(
            $"SELECT version, state::text FROM {table.Table} WHERE key = $1 AND state IS NOT NULL",
            [new() { NpgsqlDbType = NpgsqlDbType.Text, Value = KeyOf(grainId) }],
            row => (Version: row.GetInt64(0), State: row.GetString(1)),
            cancellationToken);
        if (rows.Count == 0)
        {
            SetMissing(grainState);
            return;
        }

        grainState.State = JsonSerializer.Deserialize(rows[0].State, table.Json)!;
        grainState.ETag = ETagOf(rows[0].Version);
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (table, writes) = Find<T>(stateName);
        var columns = new object?[table.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = table.Columns[i].ValueOf(grainState.State);
        var write = new StateWrite(new(writes, Guid.Empty, KeyOf(grainId)), VersionOf(grainState.ETag, grainId), JsonSerializer.Serialize(grainState.State, table.Json), columns);
        await _commit.WriteAsync(write);
        grainState.ETag = ETagOf(write.Version);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (table, writes) = Find<T>(stateName);
        if (grainState.ETag is not null)
            await _commit.WriteAsync(new StateWrite(new(writes, Guid.Empty, KeyOf(grainId)), VersionOf(grainState.ETag, grainId), state: null, new object?[table.Columns.Count]));
        SetMissing(grainState);
    }

    private (StateTable<T> Table, StateWriteTable Writes) Find<T>(string stateName)
    {
        if (!_tables.TryGetValue(stateName, out var found))
            throw new InvalidOperationException($"There is no table for state '{stateName}'; there are: {string.Join(", ", _tables.Keys)}.");
        return found.Table is StateTable<T> table
            ? (table, found.Writes)
            : throw new InvalidOperationException($"State '{stateName}' is of type {found.Table.GetType().GenericTypeArguments[0].Name}, not {typeof(T).Name}.");
    }

    private static void SetMissing<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static string KeyOf(GrainId grainId)
    {
        var key = grainId.Key.ToString()!;
        StoredText.Check("The grain's key", key);
        return key;
    }

    private static string ETagOf(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long VersionOf(string? etag, GrainId grainId)
    {
        if (etag is null)
            return 0;
        return long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? version
            : throw new InconsistentStateException($"'{etag}' is no ETag of {grainId}'s table.", null, etag);
    }
}
