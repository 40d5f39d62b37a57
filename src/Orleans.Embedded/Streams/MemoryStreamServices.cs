using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Embedded.Hosting;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>Registers stream providers.</summary>
internal static class MemoryStreamServices
{
    public static void AddToSilo(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddKeyedSingleton(name, (provider, _) => new StreamHub(name, provider.GetRequiredService<SiloRuntime>()));
        services.TryAddKeyedSingleton<IStreamProvider>(name, (provider, _) => new MemoryStreamProvider(provider.GetRequiredKeyedService<StreamHub>(name)));
    }

    public static void AddToClient(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddKeyedSingleton<IStreamProvider>(name, (provider, _) =>
        {
            var silo = provider.GetRequiredService<CoHostedSilo>();
            var hub = silo.Services.GetKeyedService<StreamHub>(name) ?? throw new OrleansConfigurationException(
                $"The silo has no stream provider \"{name}\": call AddMemoryStreams(\"{name}\") on its builder too.");
            return new MemoryStreamProvider(hub);
        });
    }
}
