namespace Orleans.Embedded.Serialization.Wire;

/// <summary>How the texts of a set, or the keys of a dictionary, are compared; numbers in messages.</summary>
internal enum TextOrder
{
    Default = 0,
    Ordinal = 1,
    OrdinalIgnoreCase = 2,
    InvariantCulture = 3,
    InvariantCultureIgnoreCase = 4,
}

/// <summary>One comparer in the two forms that collections take.</summary>
internal interface IComparerHolder
{
    IComparer<T>? Comparer<T>();

    IEqualityComparer<T>? EqualityComparer<T>();
}

/// <summary>Comparers by their numbers. One that is written by somebody cannot be sent, because the other side would sort otherwise.</summary>
internal static class TextOrders
{
    private static readonly StringComparer[] Comparers =
        [StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture, StringComparer.InvariantCultureIgnoreCase];

    private static readonly Held[] Holders = [.. Comparers.Select(comparer => new Held(comparer))];

    public static TextOrder Of(object? comparer, object usual, Type collection)
    {
        if (comparer is null || ReferenceEquals(comparer, usual) || comparer.Equals(usual)) return TextOrder.Default;
        var index = Array.FindIndex(Comparers, known => known.Equals(comparer));
        return index >= 0
            ? (TextOrder)(index + 1)
            : throw new NotSupportedException($"A {collection} with a comparer of type {comparer.GetType()} cannot be sent: use the default one or one of StringComparer's.");
    }

    public static IComparerHolder? Holder(TextOrder order)
    {
        if (order == TextOrder.Default) return null;
        if (order < TextOrder.Default || (int)order > Holders.Length) WireReader.Fail($"there is no order {(int)order}");
        return Holders[(int)order - 1];
    }

    private sealed class Held(StringComparer comparer) : IComparerHolder
    {
        public IComparer<T>? Comparer<T>() => (object)comparer as IComparer<T>;

        public IEqualityComparer<T>? EqualityComparer<T>() => (object)comparer as IEqualityComparer<T>;
    }
}
