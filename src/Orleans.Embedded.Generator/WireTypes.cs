using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>Types of the platform and of the engine that have codecs of their own; a test holds the list against the engine's.</summary>
public static class WireTypes
{
    /// <summary>Names as metadata has them.</summary>
    public static readonly IReadOnlyCollection<string> Names = new HashSet<string>
    {
        "System.Object", "System.Boolean", "System.Byte", "System.SByte", "System.Int16", "System.UInt16", "System.Int32", "System.UInt32", "System.Int64",
        "System.UInt64", "System.IntPtr", "System.UIntPtr", "System.Char", "System.Single", "System.Double", "System.Decimal", "System.Int128",
        "System.Numerics.BigInteger", "System.String", "System.Guid", "System.DateTime", "System.DateTimeOffset", "System.TimeSpan", "System.DateOnly",
        "System.TimeOnly", "System.Uri", "System.Version", "System.Net.IPAddress", "System.Net.IPEndPoint", "System.Memory`1", "System.ReadOnlyMemory`1",
        "System.Text.Json.JsonElement", "System.Exception", "System.Nullable`1",
        "System.Collections.Generic.List`1", "System.Collections.Generic.IList`1", "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.IReadOnlyCollection`1", "System.Collections.Generic.IReadOnlyList`1",
        "System.Collections.ObjectModel.Collection`1", "System.Collections.ObjectModel.ReadOnlyCollection`1", "System.Collections.Generic.Queue`1",
        "System.Collections.Generic.Stack`1", "System.Collections.Generic.HashSet`1", "System.Collections.Generic.ISet`1",
        "System.Collections.Generic.IReadOnlySet`1", "System.Collections.Generic.SortedSet`1", "System.Collections.Frozen.FrozenSet`1",
        "System.Collections.Immutable.ImmutableArray`1", "System.Collections.Immutable.ImmutableList`1", "System.Collections.Immutable.IImmutableList`1",
        "System.Collections.Immutable.ImmutableQueue`1", "System.Collections.Immutable.ImmutableStack`1", "System.Collections.Immutable.ImmutableHashSet`1",
        "System.Collections.Immutable.IImmutableSet`1", "System.Collections.Immutable.ImmutableSortedSet`1",
        "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.IDictionary`2", "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.ObjectModel.ReadOnlyDictionary`2", "System.Collections.Generic.SortedDictionary`2", "System.Collections.Generic.SortedList`2",
        "System.Collections.Concurrent.ConcurrentDictionary`2", "System.Collections.Frozen.FrozenDictionary`2",
        "System.Collections.Immutable.ImmutableDictionary`2", "System.Collections.Immutable.IImmutableDictionary`2",
        "System.Collections.Immutable.ImmutableSortedDictionary`2", "System.Collections.Generic.KeyValuePair`2",
        "System.ValueTuple`1", "System.ValueTuple`2", "System.ValueTuple`3", "System.ValueTuple`4", "System.ValueTuple`5", "System.ValueTuple`6",
        "System.ValueTuple`7", "System.ValueTuple`8",
        "Orleans.Runtime.IdSpan", "Orleans.Runtime.GrainType", "Orleans.Runtime.GrainInterfaceType", "Orleans.Runtime.GrainId", "Orleans.Runtime.SiloAddress",
        "Orleans.Runtime.ActivationId", "Orleans.Runtime.GuidId", "Orleans.Runtime.StreamId", "Orleans.Streams.StreamSequenceToken",
        "Orleans.Runtime.IAddressable", "Orleans.Runtime.GrainReference",
    };

    internal static bool Contains(INamedTypeSymbol definition) => ((HashSet<string>)Names).Contains(MetadataName(definition));

    private static string MetadataName(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.MetadataName}"
        : type.MetadataName;
}
