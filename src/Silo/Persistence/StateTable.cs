using System.Text.Json.Serialization.Metadata;

namespace Warroom.Persistence;

/// <summary>How one kind of grain state is stored: declared in one place for each kind, registered in DI, found by its state name.</summary>
internal abstract record StateTable
{
    /// <summary>The name in <c>[PersistentState]</c>.</summary>
    public required string StateName { get; init; }

    /// <summary>The table; it has <c>key</c>, <c>version</c>, <c>write_id</c>, <c>state</c> and the typed columns.</summary>
    public required string Table { get; init; }

    internal abstract IReadOnlyList<(string Name, ColumnKind Kind)> ColumnKinds { get; }
}

/// <inheritdoc/>
internal sealed record StateTable<TState> : StateTable
{
    /// <summary>How the state becomes JSON.</summary>
    public required JsonTypeInfo<TState> Json { get; init; }

    /// <summary>The typed columns.</summary>
    public IReadOnlyList<Column<TState>> Columns { get; init; } = [];

    internal override IReadOnlyList<(string Name, ColumnKind Kind)> ColumnKinds => [.. Columns.Select(column => (column.Name, column.Kind))];
}
