using System.Text.Json.Serialization.Metadata;

namespace Warroom.Persistence;

/// <summary>How one kind of log is stored: declared in one place for each kind.</summary>
internal sealed record LogTable<TState>
    where TState : class
{
    /// <summary>Its tables.</summary>
    public required LogNames Names { get; init; }

    /// <summary>How the state becomes JSON.</summary>
    public required JsonTypeInfo<TState> Json { get; init; }

    /// <summary>The typed columns of the owner's row.</summary>
    public IReadOnlyList<Column<TState>> Columns { get; init; } = [];

    /// <summary>Tables of links, written with the row. Links are only ever added.</summary>
    public IReadOnlyList<LinkTable<TState>> Links { get; init; } = [];
}

/// <summary>A table of links from an owner to names, such as an incident's services.</summary>
/// <param name="Name">The table; it has the owner's column and one more.</param>
/// <param name="Column">The column of the linked name.</param>
/// <param name="Values">The names that a state is linked to.</param>
internal sealed record LinkTable<TState>(string Name, string Column, Func<TState, IEnumerable<string>> Values);
