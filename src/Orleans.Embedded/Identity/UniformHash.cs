namespace Orleans.Embedded;

/// <summary>A hash of texts that every process computes alike (64-bit FNV-1a, folded and mixed): placement rests on it.</summary>
internal static class UniformHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static uint Compute(ReadOnlySpan<char> text) => Fold(Add(Offset, text));

    public static uint Compute(ReadOnlySpan<char> first, ReadOnlySpan<char> second) =>
        Fold(Add((Add(Offset, first) ^ 0xFF) * Prime, second));

    private static ulong Add(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text) hash = (hash ^ c) * Prime;
        return hash;
    }

    /// <summary>FNV alone changes its high bits little for short keys that differ at the end; the mix spreads them.</summary>
    private static uint Fold(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        return (uint)(hash ^ (hash >> 32));
    }
}
