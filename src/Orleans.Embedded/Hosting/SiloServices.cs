using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        ClusterServices.AddOptions(services, configuration);
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => GrainMapCache.Get());
        services.AddSingleton<LocalSilo>();
        services.AddSingleton<ILocalSiloDetails>(provider => provider.GetRequiredService<LocalSilo>());
        services.TryAddSingleton<SiloLease>();
        services.TryAddSingleton<IGrainPlacement>(provider => new SingleSiloPlacement(provider.GetRequiredService<LocalSilo>().SiloAddress));
        services.TryAddSingleton<IMembership, SingleSiloMembership>();
        services.AddSingleton<SiloRuntime>();
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<SiloRuntime>().Factory);
        services.AddSingleton<IClusterClient, ClusterClient>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddSingleton<IdleCollector>();
        services.AddSingleton<SiloLife>();
        services.AddSingleton<ISiloKill>(provider => provider.GetRequiredService<SiloLife>());

        // In its place among the hosted services, as on Orleans: what was registered before UseOrleans starts before the silo.
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SiloLife>());
    }
}

/// <summary>What the process's assemblies offer is read once, however many silos run in it.</summary>
internal static class GrainMapCache
{
    public static GrainMap Get() => new(ManifestLoader.Load());
}
