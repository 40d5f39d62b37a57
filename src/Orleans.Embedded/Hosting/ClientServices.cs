using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Filters;
using Orleans.Embedded.References;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>The silo in this process whose grains a client calls.</summary>
internal sealed record CoHostedSilo(IServiceProvider Services)
{
    public SiloRuntime Runtime => Services.GetRequiredService<SiloRuntime>();
}

/// <summary>The services of a client.</summary>
internal static class ClientServices
{
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        ClusterServices.AddOptions(services, configuration);
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => GrainMapCache.Get());
        services.AddSingleton(CreateFactory);
        services.AddHostedService<ClientLife>();
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ReferenceFactory>());
        services.AddSingleton<IClusterClient>(provider => new ClusterClient(provider.GetRequiredService<ReferenceFactory>(), provider));
    }

    private static ReferenceFactory CreateFactory(IServiceProvider services)
    {
        if (services.GetService<CoHostedSilo>() is not { } silo)
        {
            return services.GetService<ClientRuntime>()?.Factory ?? throw new OrleansConfigurationException(
                "The client does not know where its silos are: call UseAdoNetClustering on its builder. A silo's own process needs no client beside UseOrleans, "
                + "and UseLocalhostClustering is a cluster within one process.");
        }

        var flow = services.GetRequiredService<IOptions<ActivityPropagationOptions>>().Value.Enabled;
        var filters = new Lazy<OutgoingFilters>(() => new OutgoingFilters([.. services.GetServices<ClientCallFilter>().Select(filter => filter.Create(services))], flow));
        return silo.Runtime.CreateFactory(
            GrainId.Create(ProcessRuntime.ClientType, Guid.NewGuid().ToString("N")), () => filters.Value,
            services.GetRequiredService<IOptions<ClientMessagingOptions>>().Value.ResponseTimeout);
    }
}

/// <summary>Refuses to start a client that cannot know its silos.</summary>
internal sealed class ClientLife(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetRequiredService<ReferenceFactory>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
