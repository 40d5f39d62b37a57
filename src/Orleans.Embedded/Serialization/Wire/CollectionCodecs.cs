using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>What collections have in common: a count and the items. Nothing is reserved for items that are not there.</summary>
internal abstract class CollectionCodec<TCollection, T>() : WireCodec<TCollection>(WireKind.List)
{
    /// <summary>The most that is reserved on the word of a message; what really comes makes it grow.</summary>
    private const int BytesAtOnce = 16 * 1024;

    protected abstract TCollection Make(T[] items);

    /// <summary>The order of a collection of texts, where it is not the usual one.</summary>
    private protected virtual TextOrder OrderOf(TCollection value) => TextOrder.Default;

    private protected virtual TCollection Make(T[] items, TextOrder order) => Make(items);

    private protected abstract void WriteItems(ref WireWriter writer, TCollection value);

    private protected override WireKind KindOf(TCollection value) =>
        value is null ? WireKind.Null : OrderOf(value) == TextOrder.Default ? WireKind.List : WireKind.Object;

    private protected sealed override void WritePayload(ref WireWriter writer, TCollection value)
    {
        writer.Enter();
        var order = OrderOf(value);
        if (order == TextOrder.Default)
        {
            WriteItems(ref writer, value);
        }
        else
        {
            Wire<int>.Codec.WriteField(ref writer, 0, (int)order);
            writer.Tag(1, WireKind.List);
            WriteItems(ref writer, value);
            writer.End();
        }

        writer.Leave();
    }

    private protected sealed override TCollection ReadPayload(ref WireReader reader, WireKind kind)
    {
        reader.Enter();
        T[] items = [];
        var order = TextOrder.Default;
        if (kind == WireKind.Object)
        {
            while (reader.Tag(out var id, out var member))
            {
                if (id == 0) order = (TextOrder)Wire<int>.Codec.Read(ref reader, member);
                else if (id == 1) items = ReadItems(ref reader, member);
                else reader.Skip(member);
            }
        }
        else
        {
            items = ReadItems(ref reader, kind);
        }

        reader.Leave();
        return order == TextOrder.Default ? Make(items) : Make(items, order);
    }

    private static T[] ReadItems(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.List);
        var count = reader.Count();
        if (count == 0) return [];
        var items = new T[Math.Min(count, Math.Max(1, BytesAtOnce / Unsafe.SizeOf<T>()))];
        for (var i = 0; i < count; i++)
        {
            if (i == items.Length) Array.Resize(ref items, (int)Math.Min(count, (long)i * 2));
            items[i] = Wire<T>.Codec.ReadItem(ref reader);
        }

        return items;
    }
}

/// <summary>Collections whose items lie side by side.</summary>
internal abstract class SpanCodec<TCollection, T> : CollectionCodec<TCollection, T>
{
    protected abstract ReadOnlySpan<T> Items(TCollection value);

    private protected sealed override void WriteItems(ref WireWriter writer, TCollection value)
    {
        var items = Items(value);
        writer.Varint((ulong)items.Length);
        foreach (var item in items) Wire<T>.Codec.WriteItem(ref writer, item);
    }
}

internal sealed class ArrayCodec<T> : SpanCodec<T[], T>
{
    protected override ReadOnlySpan<T> Items(T[] value) => new(value);

    protected override T[] Make(T[] items) => items;
}

internal sealed class ListCodec<T> : SpanCodec<List<T>, T>
{
    protected override ReadOnlySpan<T> Items(List<T> value) => CollectionsMarshal.AsSpan(value);

    protected override List<T> Make(T[] items) => [.. items];
}

internal sealed class ImmutableArrayCodec<T> : SpanCodec<ImmutableArray<T>, T>
{
    protected override ReadOnlySpan<T> Items(ImmutableArray<T> value) => value.AsSpan();

    protected override ImmutableArray<T> Make(T[] items) => ImmutableCollectionsMarshal.AsImmutableArray(items);

    private protected override WireKind KindOf(ImmutableArray<T> value) => value.IsDefault ? WireKind.Null : WireKind.List;
}

/// <summary>Collections that are only counted and enumerated.</summary>
internal sealed class EnumerableCodec<TCollection, T>(
    Func<T[], IComparerHolder?, TCollection> make, Func<TCollection, object?>? comparer = null, object? usual = null, bool reversed = false)
    : CollectionCodec<TCollection, T>
    where TCollection : IEnumerable<T>
{
    protected override TCollection Make(T[] items) => make(items, null);

    private protected override TCollection Make(T[] items, TextOrder order) => make(items, TextOrders.Holder(order));

    private protected override TextOrder OrderOf(TCollection value) =>
        comparer is null ? TextOrder.Default : TextOrders.Of(comparer(value), usual!, typeof(TCollection));

    private protected override void WriteItems(ref WireWriter writer, TCollection value)
    {
        // A stack is enumerated from its top and filled from its bottom.
        IReadOnlyCollection<T> items = reversed ? [.. value.Reverse()] : value as IReadOnlyCollection<T> ?? [.. value];
        writer.Varint((ulong)items.Count);
        var written = 0;
        foreach (var item in items)
        {
            Wire<T>.Codec.WriteItem(ref writer, item);
            written++;
        }

        if (written != items.Count) throw new InvalidOperationException($"A {typeof(TCollection)} was changed while it was sent.");
    }
}
