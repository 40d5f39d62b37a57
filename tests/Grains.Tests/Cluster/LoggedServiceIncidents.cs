using Warroom.Alerts;
using Warroom.Incidents;
using Warroom.Testing.Persistence;

namespace Warroom.Cluster;

/// <summary>The unresolved incidents of a service as the log in memory has them committed, in the order of the real query.</summary>
internal sealed class LoggedServiceIncidents(InMemoryGrainLog<IncidentState> log, Func<Task> afterSearch) : IServiceIncidents
{
    public async Task<IReadOnlyList<Guid>> UnresolvedAsync(string service, int limit, CancellationToken cancellationToken = default)
    {
        List<Guid> found =
        [
            .. log.States()
                .Where(incident => incident.Services.Contains(service) && incident.Status != IncidentStatus.Resolved)
                .OrderByDescending(incident => incident.Service == service)
                .ThenByDescending(incident => incident.CreatedAt)
                .ThenByDescending(incident => incident.Id)
                .Select(incident => incident.Id)
                .Take(limit),
        ];
        await afterSearch();
        return found;
    }
}
