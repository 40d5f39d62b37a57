using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Warroom.Frontend.Errors;

namespace Warroom.Frontend.Hosting;

/// <summary>An enum's values by the names that they have on the wire.</summary>
internal static class WireEnum<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(
        field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name),
        field => (T)field.GetValue(null)!,
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The values that a repeated or comma-separated query parameter names.</summary>
    public static ImmutableArray<T> ParseAll(string parameter, string[]? names) =>
        [.. (names ?? []).SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(name => Parse(parameter, name)).Distinct()];

    private static T Parse(string parameter, string name) => Values.TryGetValue(name, out var value)
        ? value
        : throw new DomainException(RefusalKind.Invalid, "request.bad_value", $"{parameter} must be {BadRequests.OneOf(typeof(T))}, not \"{name}\".");
}
