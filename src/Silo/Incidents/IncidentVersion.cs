namespace Warroom.Incidents;

/// <summary>How far an incident is, as it is stored.</summary>
/// <param name="Id">The incident.</param>
/// <param name="Version">The number of its last event.</param>
/// <param name="UpdatedAt">When that happened.</param>
public sealed record IncidentVersion(Guid Id, long Version, DateTimeOffset UpdatedAt);
