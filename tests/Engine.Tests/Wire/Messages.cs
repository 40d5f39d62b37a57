using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Runtime.InteropServices;

namespace Warroom.Engine.Tests.Wire;

[GenerateSerializer, Immutable, Alias("wire-tests.shape")]
public abstract record Shape
{
    [Id(0)] public required string Name { get; init; }
}

[GenerateSerializer, Immutable, Alias("wire-tests.circle")]
public record Circle : Shape
{
    [Id(0)] public double Radius { get; init; }
}

/// <summary>Two ancestors, whose numbers are their own.</summary>
[GenerateSerializer, Immutable, Alias("wire-tests.ring")]
public sealed record Ring : Circle
{
    [Id(0)] public double Hole { get; init; }

    [Id(7)] public Shape? Within { get; init; }
}

/// <summary>Every way in which a member can be hidden.</summary>
[GenerateSerializer, Alias("wire-tests.hidden")]
public sealed class Hidden
{
    [Id(0)] private readonly int _readOnlyField;
    [Id(1)] private string? _field;
    [Id(2)] internal List<int>? Numbers;

    private Hidden()
    {
    }

    public Hidden(int number, string? text, int only, int hidden)
    {
        _readOnlyField = number;
        _field = text;
        GetOnly = only;
        PrivatelySet = hidden;
    }

    [Id(3)] public int GetOnly { get; }

    [Id(4)] public int PrivatelySet { get; private set; }

    [Id(5)] private int Secret { get; set; } = 5;

    public int NotSent { get; set; }

    public override string ToString() => $"{_readOnlyField} {_field} {GetOnly} {PrivatelySet} {Secret} {NotSent} {(Numbers is null ? "none" : string.Join(',', Numbers))}";

    public void Hide(int secret, string? text) => (Secret, _field) = (secret, text);
}

/// <summary>The constructor's parameters have numbers without saying so.</summary>
[GenerateSerializer, Immutable, Alias("wire-tests.numbered")]
public sealed record Numbered(string First, int Second = 2)
{
    [Id(0)] public int Third { get; init; } = 3;
}

[GenerateSerializer(GenerateFieldIds = GenerateFieldIds.PublicProperties), Alias("wire-tests.all")]
public sealed class AllOfIt
{
    public string? Text { get; set; }

    public int Number { get; set; }
}

[GenerateSerializer, Immutable, Alias("wire-tests.point")]
[StructLayout(LayoutKind.Auto)]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

[GenerateSerializer, Immutable, Alias("wire-tests.box")]
public sealed record Box<T>([property: Id(0)] T Content, [property: Id(1)] ImmutableArray<T> More) where T : notnull;

[GenerateSerializer, Alias("wire-tests.long-enum")]
public enum Huge : ulong
{
    None,
    Most = ulong.MaxValue,
}

public enum Tiny : sbyte
{
    Least = sbyte.MinValue,
}

[GenerateSerializer, Immutable, Alias("wire-tests.everything")]
public sealed record Everything
{
    [Id(0)] public object? Anything { get; init; }

    [Id(1)] public IReadOnlyList<Shape>? Shapes { get; init; }

    [Id(2)] public Dictionary<string, Point?>? Points { get; init; }

    [Id(3)] public Huge Huge { get; init; }

    [Id(4)] public Tiny? Tiny { get; init; }

    [Id(5)] public (int Number, string? Text, Point Point) Tuple { get; init; }

    [Id(6)] public byte[]? Bytes { get; init; }

    [Id(7)] public int[][]? Table { get; init; }

    [Id(8)] public Exception? Failure { get; init; }

    [Id(9)] public Box<Point>? Box { get; init; }

    [Id(10)] public IEnumerable<decimal>? Decimals { get; init; }
}

/// <summary>Contains itself, if it is told to.</summary>
[GenerateSerializer, Alias("wire-tests.knot")]
public sealed class Knot
{
    [Id(0)] public Knot? Next { get; set; }
}

/// <summary>Refuses what its constructor does not like.</summary>
[GenerateSerializer, Immutable, Alias("wire-tests.picky")]
public sealed record Picky
{
    public Picky(int number) => Number = number > 0 ? number : throw new ArgumentOutOfRangeException(nameof(number));

    [Id(0)] public int Number { get; }
}

[GenerateSerializer, Alias("wire-tests.coded-exception")]
public sealed class CodedException : Exception
{
    public CodedException(string message, int code, Exception? inner = null)
        : base(message, inner) => Code = code;

    [Id(0)] public int Code { get; }

    [Id(1)] public Shape? Shape { get; set; }
}

/// <summary>No manifest lists it.</summary>
public sealed class UnlistedException(string message) : Exception(message)
{
    public static int Made { get; private set; }

    public int Code { get; } = ++Made;
}

/// <summary>It cannot be sent: its member has no codec at run time.</summary>
[GenerateSerializer, Alias("wire-tests.unsendable-exception")]
public sealed class UnsendableException(string message) : Exception(message)
{
    [Id(0)] public object? Culprit { get; set; }
}

public interface IWireGrain : IGrainWithStringKey
{
    Task<Everything> Change(Everything all, Shape shape, IWireGrain? other, IWireWatcher? watcher, CancellationToken cancellationToken = default);

    IAsyncEnumerable<Shape> Draw(int count);

    Task<T> Generic<T>(T value);
}

public interface IWireWatcher : IGrainObserver
{
    void Saw(Shape shape);
}

/// <summary>A kind of every collection that the format knows.</summary>
public static class Collections
{
    public static IEnumerable<object> All { get; } =
    [
        new[] { 1, 2, 3 }, new List<string?> { "one", null, "" }, ImmutableArray.Create("a", "b"), ImmutableList.Create(1, 2), ImmutableQueue.Create(1, 2, 3),
        ImmutableStack.Create(1, 2, 3), new Stack<int>([1, 2, 3]), new Queue<int>([1, 2, 3]), new HashSet<string>(["a", "A"]), new SortedSet<int>([3, 1, 2]),
        ImmutableHashSet.Create("a"), ImmutableSortedSet.Create(2, 1), new Dictionary<int, string?> { [1] = "one", [2] = null },
        new SortedDictionary<string, int> { ["b"] = 2, ["a"] = 1 }, new SortedList<int, int> { [2] = 4, [1] = 1 },
        ImmutableDictionary.Create<int, int>().Add(1, 2), ImmutableSortedDictionary.Create<string, string>().Add("b", "2").Add("a", "1"),
        new Collection<int>([1, 2]), new ReadOnlyCollection<int>([1, 2]), new ReadOnlyDictionary<int, int>(new Dictionary<int, int> { [1] = 2 }),
        new System.Collections.Concurrent.ConcurrentDictionary<string, int> { ["a"] = 1 }, new HashSet<int> { 1, 2 }.ToFrozenSet(),
        new Dictionary<string, int> { ["a"] = 1 }.ToFrozenDictionary(), new[] { new[] { 1 }, [], [2, 3] }, Array.Empty<Guid>(),
    ];
}
