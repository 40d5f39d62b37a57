using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Keys of grains that are guids or numbers, to and from the text in a <see cref="GrainId"/>.</summary>
public static class GrainIdKeyExtensions
{
    /// <summary>The key of a number: its upper-case hexadecimal form without leading zeros.</summary>
    public static IdSpan CreateIntegerKey(long key) => new(key.ToString("X", CultureInfo.InvariantCulture));

    /// <summary>The key of a number with a text after a plus sign.</summary>
    public static IdSpan CreateIntegerKey(long key, string? keyExtension) =>
        string.IsNullOrWhiteSpace(keyExtension) ? CreateIntegerKey(key) : new($"{key:X}+{keyExtension}");

    /// <summary>The key of a guid: 32 hexadecimal digits.</summary>
    public static IdSpan CreateGuidKey(Guid key) => new(key.ToString("N"));

    /// <summary>The key of a guid with a text after a plus sign.</summary>
    public static IdSpan CreateGuidKey(Guid key, string? keyExtension) =>
        string.IsNullOrWhiteSpace(keyExtension) ? CreateGuidKey(key) : new($"{key:N}+{keyExtension}");

    /// <summary>Reads a number key; false if it is none.</summary>
    public static bool TryGetIntegerKey(this GrainId grainId, out long key, [NotNullWhen(true)] out string? keyExt)
    {
        Split(grainId.Key.Text, out var number, out keyExt);
        return long.TryParse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out key);
    }

    /// <summary>The number key and the text after its plus sign, if there is one.</summary>
    /// <exception cref="ArgumentException">The key is no number.</exception>
    public static long GetIntegerKey(this GrainId grainId, out string? keyExt) =>
        grainId.TryGetIntegerKey(out var key, out keyExt) ? key : throw NotOfKind(grainId, "an integer");

    /// <summary>The number key.</summary>
    /// <exception cref="ArgumentException">The key is no number.</exception>
    public static long GetIntegerKey(this GrainId grainId) => grainId.GetIntegerKey(out _);

    /// <summary>Reads a guid key; false if it is none.</summary>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, [NotNullWhen(true)] out string? keyExt)
    {
        Split(grainId.Key.Text, out var guid, out keyExt);
        return Guid.TryParseExact(guid, "N", out key);
    }

    /// <summary>The guid key and the text after its plus sign, if there is one.</summary>
    /// <exception cref="ArgumentException">The key is no guid.</exception>
    public static Guid GetGuidKey(this GrainId grainId, out string? keyExt) =>
        grainId.TryGetGuidKey(out var key, out keyExt) ? key : throw NotOfKind(grainId, "a guid");

    /// <summary>The guid key.</summary>
    /// <exception cref="ArgumentException">The key is no guid.</exception>
    public static Guid GetGuidKey(this GrainId grainId) => grainId.GetGuidKey(out _);

    private static void Split(string text, out ReadOnlySpan<char> key, out string? extension)
    {
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        key = plus < 0 ? text : text.AsSpan(0, plus);
        extension = plus < 0 ? null : text[(plus + 1)..];
    }

    private static ArgumentException NotOfKind(GrainId grainId, string kind) => new($"The key of grain {grainId} is not {kind}.");
}
