using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Warroom.Incidents;

/// <summary>Registers what the grains of incidents, services and alerts ask for, but for storage.</summary>
public static class IncidentsRegistration
{
    /// <summary>Adds the clock (unless there is one) and the metrics.</summary>
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<IncidentMetrics>();
        return services;
    }
}
