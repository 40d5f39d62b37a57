using System.Collections.Immutable;

namespace Warroom.Incidents;

internal static class Labels
{
    public static ImmutableSortedDictionary<string, string> ToSortedLabels(this IDictionary<string, string> labels) => labels.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
