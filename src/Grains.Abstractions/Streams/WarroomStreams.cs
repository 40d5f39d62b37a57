using Orleans.Runtime;

namespace Warroom.Streams;

/// <summary>
/// The names of the streams that grains publish on and front ends listen to. Streams carry what is committed already (or, for tokens, what is on its way);
/// they are for speed, never for durability: a listener that misses something sees a gap in the numbers and reads the log.
/// </summary>
public static class WarroomStreams
{
    /// <summary>The one stream provider.</summary>
    public const string Provider = "warroom";

    /// <summary>One incident's timeline: carries <c>IncidentUpdate</c>.</summary>
    public static StreamId Incident(Guid incidentId) => StreamId.Create("incident", incidentId);

    /// <summary>All incidents, for lists: carries <c>IncidentSummary</c>.</summary>
    public static StreamId Incidents { get; } = StreamId.Create("incidents", "all");

    /// <summary>One bot session: carries <c>SessionUpdate</c>.</summary>
    public static StreamId Session(Guid sessionId) => StreamId.Create("session", sessionId);

    /// <summary>Services, bots and sessions that changed, for lists: carries <c>CatalogueChange</c>.</summary>
    public static StreamId Catalogue { get; } = StreamId.Create("catalogue", "all");
}

/// <summary>Something in a list changed: whoever shows that list reads it again.</summary>
[GenerateSerializer, Immutable, Alias("warroom.catalogue-change")]
public sealed record CatalogueChange
{
    /// <summary><c>service</c>, <c>bot</c> or <c>session</c>.</summary>
    [Id(0)] public required string Kind { get; init; }

    /// <summary>Its key.</summary>
    [Id(1)] public required string Id { get; init; }
}
