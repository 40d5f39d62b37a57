using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Orleans.Embedded.Generator;

/// <summary>A list that is equal to another by its items, as incremental generators need.</summary>
internal sealed class EquatableList<T>(IEnumerable<T> items) : IEquatable<EquatableList<T>>, IReadOnlyList<T>
{
    private readonly T[] _items = items.ToArray();

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public bool Equals(EquatableList<T>? other) => other is not null && _items.SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as EquatableList<T>);

    public override int GetHashCode() => _items.Aggregate(17, (hash, item) => unchecked((hash * 31) + (item?.GetHashCode() ?? 0)));

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}

/// <summary>A place in source, without the syntax tree that it comes from.</summary>
internal sealed record Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static Place? Of(ISymbol symbol) =>
        symbol.Locations.FirstOrDefault(location => location.IsInSource) is { } location
            ? new Place(location.SourceTree!.FilePath, location.SourceSpan, location.GetLineSpan().Span)
            : null;

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>Something to report.</summary>
internal sealed record Finding(DiagnosticDescriptor Descriptor, Place? Place, EquatableList<string> Arguments)
{
    public static Finding At(ISymbol symbol, DiagnosticDescriptor descriptor, params string[] arguments) =>
        new(descriptor, Place.Of(symbol), new EquatableList<string>(arguments));

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Place?.ToLocation() ?? Location.None, Arguments.Cast<object>().ToArray());
}

internal enum ResultShape
{
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,
    Sequence,
    Nothing,
}

internal sealed record ParameterModel(string Type, string Name, bool IsToken);

internal sealed record MethodModel(
    string DeclaringInterface,
    string Name,
    string Id,
    ResultShape Shape,
    string ReturnType,
    string ResultType,
    EquatableList<ParameterModel> Parameters,
    EquatableList<string> TypeParameters,
    string Constraints,
    int Options,
    string? ResponseTimeout);

internal sealed record InterfaceModel(string FullName, string? Alias, string SafeName, EquatableList<MethodModel> Methods);

internal sealed record ClassModel(string FullName, string SafeName, EquatableList<string> Interfaces, EquatableList<string> Arguments);

/// <summary>What one type declaration gives.</summary>
internal sealed record TypeModel(InterfaceModel? Interface, ClassModel? Class, MessageModel? Message, EquatableList<Finding> Findings);
