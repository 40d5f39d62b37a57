using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Warroom.Postgres;

/// <summary>An enum's values as they are written in typed columns: the same texts as in JSON.</summary>
internal static class EnumText<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Texts = Enum.GetValues<T>().ToFrozenDictionary(value => value, TextOf);
    private static readonly FrozenDictionary<string, T> Values = Texts.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The text of a value.</summary>
    public static string Of(T value) => Texts.TryGetValue(value, out var text) ? text : throw new ArgumentOutOfRangeException(nameof(value), value, $"Not a {typeof(T).Name}.");

    /// <summary>The value of a text; the table's check constraint holds it among the known ones.</summary>
    public static T Parse(string text) => Values.TryGetValue(text, out var value) ? value : throw new FormatException($"'{text}' is not a {typeof(T).Name}; known: {string.Join(", ", Values.Keys)}.");

    private static string TextOf(T value)
    {
        var name = value.ToString();
        return typeof(T).GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? name;
    }
}
