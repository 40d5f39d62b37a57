using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Makes the codecs of the platform's generic types. The generator has the same list: <c>WireTypes.cs</c> there.</summary>
internal static partial class CollectionFactory
{
    private static readonly Dictionary<Type, string> Methods = new()
    {
        [typeof(Nullable<>)] = nameof(OfNullable),
        [typeof(List<>)] = nameof(OfList),
        [typeof(IList<>)] = nameof(OfIList),
        [typeof(ICollection<>)] = nameof(OfICollection),
        [typeof(IEnumerable<>)] = nameof(OfIEnumerable),
        [typeof(IReadOnlyCollection<>)] = nameof(OfIReadOnlyCollection),
        [typeof(IReadOnlyList<>)] = nameof(OfIReadOnlyList),
        [typeof(Collection<>)] = nameof(OfCollection),
        [typeof(ReadOnlyCollection<>)] = nameof(OfReadOnlyCollection),
        [typeof(Queue<>)] = nameof(OfQueue),
        [typeof(Stack<>)] = nameof(OfStack),
        [typeof(HashSet<>)] = nameof(OfHashSet),
        [typeof(ISet<>)] = nameof(OfISet),
        [typeof(IReadOnlySet<>)] = nameof(OfIReadOnlySet),
        [typeof(SortedSet<>)] = nameof(OfSortedSet),
        [typeof(FrozenSet<>)] = nameof(OfFrozenSet),
        [typeof(ImmutableArray<>)] = nameof(OfImmutableArray),
        [typeof(ImmutableList<>)] = nameof(OfImmutableList),
        [typeof(IImmutableList<>)] = nameof(OfIImmutableList),
        [typeof(ImmutableQueue<>)] = nameof(OfImmutableQueue),
        [typeof(ImmutableStack<>)] = nameof(OfImmutableStack),
        [typeof(ImmutableHashSet<>)] = nameof(OfImmutableHashSet),
        [typeof(IImmutableSet<>)] = nameof(OfIImmutableSet),
        [typeof(ImmutableSortedSet<>)] = nameof(OfImmutableSortedSet),
        [typeof(Dictionary<,>)] = nameof(OfDictionary),
        [typeof(IDictionary<,>)] = nameof(OfIDictionary),
        [typeof(IReadOnlyDictionary<,>)] = nameof(OfIReadOnlyDictionary),
        [typeof(ReadOnlyDictionary<,>)] = nameof(OfReadOnlyDictionary),
        [typeof(SortedDictionary<,>)] = nameof(OfSortedDictionary),
        [typeof(SortedList<,>)] = nameof(OfSortedList),
        [typeof(ConcurrentDictionary<,>)] = nameof(OfConcurrentDictionary),
        [typeof(FrozenDictionary<,>)] = nameof(OfFrozenDictionary),
        [typeof(ImmutableDictionary<,>)] = nameof(OfImmutableDictionary),
        [typeof(IImmutableDictionary<,>)] = nameof(OfIImmutableDictionary),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(OfImmutableSortedDictionary),
        [typeof(KeyValuePair<,>)] = nameof(OfPair),
        [typeof(ValueTuple<>)] = nameof(OfTuple1),
        [typeof(ValueTuple<,>)] = nameof(OfTuple2),
        [typeof(ValueTuple<,,>)] = nameof(OfTuple3),
        [typeof(ValueTuple<,,,>)] = nameof(OfTuple4),
        [typeof(ValueTuple<,,,,>)] = nameof(OfTuple5),
        [typeof(ValueTuple<,,,,,>)] = nameof(OfTuple6),
        [typeof(ValueTuple<,,,,,,>)] = nameof(OfTuple7),
        [typeof(ValueTuple<,,,,,,,>)] = nameof(OfTuple8),
        [typeof(Streams.StreamItem<>)] = nameof(OfStreamItem),
    };

    public static IEnumerable<Type> Definitions => Methods.Keys;

    public static WireCodec? Make(Type type)
    {
        if (type.IsSZArray) return Call(nameof(OfArray), [type.GetElementType()!]);
        return type.IsGenericType && Methods.TryGetValue(type.GetGenericTypeDefinition(), out var method) ? Call(method, type.GenericTypeArguments) : null;
    }

    internal static WireCodec Call(string method, Type[] arguments) =>
        (WireCodec)typeof(CollectionFactory).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(arguments).Invoke(null, null)!;

    private static ArrayCodec<T> OfArray<T>() => new();

    private static NullableCodec<T> OfNullable<T>() where T : struct => new();

    private static StreamItemCodec<T> OfStreamItem<T>() => new();

    private static ListCodec<T> OfList<T>() => new();

    private static EnumerableCodec<IList<T>, T> OfIList<T>() => new((items, _) => new List<T>(items));

    private static EnumerableCodec<ICollection<T>, T> OfICollection<T>() => new((items, _) => new List<T>(items));

    private static EnumerableCodec<IEnumerable<T>, T> OfIEnumerable<T>() => new((items, _) => items);

    private static EnumerableCodec<IReadOnlyCollection<T>, T> OfIReadOnlyCollection<T>() => new((items, _) => items);

    private static EnumerableCodec<IReadOnlyList<T>, T> OfIReadOnlyList<T>() => new((items, _) => items);

    private static EnumerableCodec<Collection<T>, T> OfCollection<T>() => new((items, _) => new Collection<T>([.. items]));

    private static EnumerableCodec<ReadOnlyCollection<T>, T> OfReadOnlyCollection<T>() => new((items, _) => new ReadOnlyCollection<T>(items));

    private static EnumerableCodec<Queue<T>, T> OfQueue<T>() => new((items, _) => new Queue<T>(items));

    private static EnumerableCodec<Stack<T>, T> OfStack<T>() => new((items, _) => new Stack<T>(items), reversed: true);

    private static EnumerableCodec<HashSet<T>, T> OfHashSet<T>() =>
        new(static (items, order) => new HashSet<T>(items, order?.EqualityComparer<T>()), static set => set.Comparer, EqualityComparer<T>.Default);

    private static EnumerableCodec<ISet<T>, T> OfISet<T>() => new(
        static (items, order) => new HashSet<T>(items, order?.EqualityComparer<T>()), static set => (set as HashSet<T>)?.Comparer, EqualityComparer<T>.Default);

    private static EnumerableCodec<IReadOnlySet<T>, T> OfIReadOnlySet<T>() => new(
        static (items, order) => new HashSet<T>(items, order?.EqualityComparer<T>()), static set => (set as HashSet<T>)?.Comparer, EqualityComparer<T>.Default);

    private static EnumerableCodec<SortedSet<T>, T> OfSortedSet<T>() =>
        new(static (items, order) => new SortedSet<T>(items, order?.Comparer<T>()), static set => set.Comparer, Comparer<T>.Default);

    private static EnumerableCodec<FrozenSet<T>, T> OfFrozenSet<T>() =>
        new(static (items, order) => items.ToFrozenSet(order?.EqualityComparer<T>()), static set => set.Comparer, EqualityComparer<T>.Default);

    private static ImmutableArrayCodec<T> OfImmutableArray<T>() => new();

    private static EnumerableCodec<ImmutableList<T>, T> OfImmutableList<T>() => new((items, _) => [.. items]);

    private static EnumerableCodec<IImmutableList<T>, T> OfIImmutableList<T>() => new((items, _) => ImmutableList.Create(items));

    private static EnumerableCodec<ImmutableQueue<T>, T> OfImmutableQueue<T>() => new((items, _) => [.. items]);

    private static EnumerableCodec<ImmutableStack<T>, T> OfImmutableStack<T>() => new((items, _) => ImmutableStack.Create(items), reversed: true);

    private static EnumerableCodec<ImmutableHashSet<T>, T> OfImmutableHashSet<T>() =>
        new(static (items, order) => items.ToImmutableHashSet(order?.EqualityComparer<T>()), static set => set.KeyComparer, EqualityComparer<T>.Default);

    private static EnumerableCodec<IImmutableSet<T>, T> OfIImmutableSet<T>() => new(
        static (items, order) => items.ToImmutableHashSet(order?.EqualityComparer<T>()), static set => (set as ImmutableHashSet<T>)?.KeyComparer, EqualityComparer<T>.Default);

    private static EnumerableCodec<ImmutableSortedSet<T>, T> OfImmutableSortedSet<T>() =>
        new(static (items, order) => items.ToImmutableSortedSet(order?.Comparer<T>()), static set => set.KeyComparer, Comparer<T>.Default);

    private static EnumerableCodec<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new Dictionary<TKey, TValue>(items, order?.EqualityComparer<TKey>()), static map => map.Comparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<IDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfIDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new Dictionary<TKey, TValue>(items, order?.EqualityComparer<TKey>()),
        static map => (map as Dictionary<TKey, TValue>)?.Comparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<IReadOnlyDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfIReadOnlyDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new Dictionary<TKey, TValue>(items, order?.EqualityComparer<TKey>()),
        static map => (map as Dictionary<TKey, TValue>)?.Comparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<ReadOnlyDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfReadOnlyDictionary<TKey, TValue>() where TKey : notnull =>
        new(static (items, _) => new ReadOnlyDictionary<TKey, TValue>(new Dictionary<TKey, TValue>(items)));

    private static EnumerableCodec<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfSortedDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new SortedDictionary<TKey, TValue>(new Dictionary<TKey, TValue>(items), order?.Comparer<TKey>()),
        static map => map.Comparer, Comparer<TKey>.Default);

    private static EnumerableCodec<SortedList<TKey, TValue>, KeyValuePair<TKey, TValue>> OfSortedList<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new SortedList<TKey, TValue>(new Dictionary<TKey, TValue>(items), order?.Comparer<TKey>()),
        static map => map.Comparer, Comparer<TKey>.Default);

    private static EnumerableCodec<ConcurrentDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfConcurrentDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => new ConcurrentDictionary<TKey, TValue>(items, order?.EqualityComparer<TKey>()), static map => map.Comparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<FrozenDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfFrozenDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => items.ToFrozenDictionary(order?.EqualityComparer<TKey>()), static map => map.Comparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfImmutableDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => items.ToImmutableDictionary(order?.EqualityComparer<TKey>()), static map => map.KeyComparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<IImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfIImmutableDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => items.ToImmutableDictionary(order?.EqualityComparer<TKey>()),
        static map => (map as ImmutableDictionary<TKey, TValue>)?.KeyComparer, EqualityComparer<TKey>.Default);

    private static EnumerableCodec<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> OfImmutableSortedDictionary<TKey, TValue>() where TKey : notnull => new(
        static (items, order) => items.ToImmutableSortedDictionary(order?.Comparer<TKey>()), static map => map.KeyComparer, Comparer<TKey>.Default);

    private static PairCodec<TKey, TValue> OfPair<TKey, TValue>() => new();
}
