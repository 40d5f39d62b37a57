using System.Buffers;
using Orleans.Embedded.Serialization.Wire;

namespace Orleans.Embedded.Streams;

/// <summary>
/// The items of one publication on their way to grains and other processes: values where they were published or are read, bytes in between. Each form is made at most once, however many get it. Immutable, but for its number,
/// which the stream's home gives it before anybody sees it.
/// </summary>
internal abstract class StreamParcel(string itemType, int count)
{
    /// <summary>The name of the items' type.</summary>
    public string ItemType => itemType;

    public int Count => count;

    /// <summary>The number of the publication.</summary>
    public long Sequence { get; set; }

    /// <summary>The items as bytes.</summary>
    /// <exception cref="NotSupportedException">They cannot be sent.</exception>
    public abstract byte[] ToBytes(IWireSerializer serializer);

    /// <summary>The items as values; null if they are of another type.</summary>
    /// <exception cref="WireFormatException">The bytes are no such values.</exception>
    public abstract IReadOnlyList<T>? Read<T>(IWireSerializer? serializer);
}

/// <summary>Items that were published in this process.</summary>
internal sealed class PublishedParcel<T>(IReadOnlyList<T> items) : StreamParcel(ItemTypeName<T>.Text, items.Count)
{
    private byte[]? _bytes;

    public override byte[] ToBytes(IWireSerializer serializer)
    {
        if (_bytes is { } bytes) return bytes;
        var written = new ArrayBufferWriter<byte>();
        serializer.Write(written, items as T[] ?? [.. items]);
        return _bytes = written.WrittenSpan.ToArray();
    }

    public override IReadOnlyList<TItem>? Read<TItem>(IWireSerializer? serializer) => items as IReadOnlyList<TItem>;
}

/// <summary>Items that came from another process.</summary>
internal sealed class ArrivedParcel(string itemType, int count, byte[] bytes) : StreamParcel(itemType, count)
{
    private object? _items;

    public override byte[] ToBytes(IWireSerializer serializer) => bytes;

    public override IReadOnlyList<T>? Read<T>(IWireSerializer? serializer)
    {
        if (_items is T[] known) return known;
        if (!string.Equals(ItemType, ItemTypeName<T>.Text, StringComparison.Ordinal)) return null;
        var read = serializer!.Read<T[]>(bytes);
        if (read.Length != Count) throw new WireFormatException($"A parcel should have {Count} items and has {read.Length}.");
        _items = read;
        return read;
    }
}

/// <summary>The name by which subscribers tell whether items are what they expect.</summary>
internal static class ItemTypeName<T>
{
    public static readonly string Text = typeof(T).ToString();
}

/// <summary>One item of a parcel.</summary>
internal readonly record struct ParcelItem(StreamParcel Parcel, int Index);
