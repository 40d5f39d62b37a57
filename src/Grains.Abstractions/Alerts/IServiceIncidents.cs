namespace Warroom.Alerts;

/// <summary>What storage knows of a service's incidents, as it is committed: so an alert router finds those that others opened.</summary>
public interface IServiceIncidents
{
    /// <summary>The unresolved incidents of a service: those opened for it before those that were only linked to it, the newest first. An incident whose opening was acknowledged is among them.</summary>
    /// <param name="service">The service's name, as incidents have it.</param>
    /// <param name="limit">At most so many; 1 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<Guid>> UnresolvedAsync(string service, int limit, CancellationToken cancellationToken = default);
}
