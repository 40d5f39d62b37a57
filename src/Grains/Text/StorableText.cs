using System.Text;

namespace Warroom.Text;

/// <summary>
/// People paste logs: what they write is kept as it is, hostile or not, and rendered safely. Only what PostgreSQL cannot hold is not: halves of surrogate pairs (not UTF-8) are replaced by U+FFFD, and the character
/// NUL (in no text nor jsonb value) is refused where a person can be told (<see cref="HasNul"/>), and replaced as well where a machine wrote, which would only send the same again.
/// </summary>
public static class StorableText
{
    private const char Replacement = '\uFFFD';

    /// <summary>Whether the text has the character NUL.</summary>
    public static bool HasNul(string? text) => text is not null && text.Contains('\0', StringComparison.Ordinal);

    /// <summary>What to say to somebody whose text has the character NUL.</summary>
    /// <param name="what">The field, as the first words of a sentence.</param>
    public static string NulRefusal(string what) => $"{what} contains the character NUL (U+0000), which cannot be stored. Take it out and send again.";

    /// <summary>The text, as storage can hold it; the same instance if it can already.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FirstUnstorable(text) < 0 ? text : Replace(text);
    }

    /// <summary>At most <paramref name="lengthMax"/> characters of it, ending in "…" if it was longer; a surrogate pair is not halved.</summary>
    public static string Cut(string text, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthMax, 1);
        if (text.Length <= lengthMax)
            return Of(text);
        var length = lengthMax - 1;
        if (length > 0 && char.IsHighSurrogate(text[length - 1]))
            length--;
        return Of(text[..length]) + '…';
    }

    private static int FirstUnstorable(string text)
    {
        for (var i = text.AsSpan().IndexOfAny(Suspicious); i >= 0 && i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsLowSurrogate(text[i]))
                return i;
            if (char.IsHighSurrogate(text[i]) && (++i == text.Length || !char.IsLowSurrogate(text[i])))
                return i - 1;
        }

        return -1;
    }

    private static string Replace(string text)
    {
        var storable = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                storable.Append(text[i]).Append(text[++i]);
            else
                storable.Append(text[i] == '\0' || char.IsSurrogate(text[i]) ? Replacement : text[i]);
        }

        return storable.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Suspicious =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(code => (char)code), '\0']);
}
