using Warroom.Text;

namespace Warroom.Services;

/// <summary>Names of services. Incidents may name services that are not in the catalogue, as alert labels do; only the catalogue is strict about characters.</summary>
public static class ServiceNames
{
    /// <summary>The longest name, in characters.</summary>
    public const int LengthMax = 100;

    /// <summary>The name as it is compared and stored: without blanks around it, lower case; <see langword="null"/> if nothing is left.</summary>
    public static string? Normalize(string? name)
    {
        var trimmed = name?.Trim();
        return string.IsNullOrEmpty(trimmed) ? null : StorableText.Of(trimmed.ToLowerInvariant());
    }

    /// <summary>Whether the catalogue can have an entry with this name: 1 to <see cref="LengthMax"/> lower-case letters, digits, <c>-</c>, <c>_</c>, <c>.</c>.</summary>
    public static bool IsCatalogueName(string? name) =>
        name is { Length: > 0 and <= LengthMax } && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_' or '.');
}
