namespace Warroom.Persistence;

/// <summary>
/// Texts that PostgreSQL can store: no NUL, and no half of a surrogate pair (which is no UTF-8). Looked at before a batch is sent, for a text that cannot be encoded would break the connection under all the others.
/// </summary>
internal static class StoredText
{
    /// <summary>Refuses a text that cannot be stored.</summary>
    /// <exception cref="ArgumentException">It has a NUL or half of a surrogate pair.</exception>
    public static void Check(string name, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"{name} contains the character NUL, which cannot be stored.", nameof(text));
        var surrogate = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (surrogate >= 0 && HasLoneSurrogate(text.AsSpan(surrogate)))
            throw new ArgumentException($"{name} contains half of a surrogate pair, which cannot be stored.", nameof(text));
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}
