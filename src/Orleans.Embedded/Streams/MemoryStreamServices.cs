using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>Registers stream providers.</summary>
internal static class MemoryStreamServices
{
    public static void AddToSilo(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddSingleton(provider => MakeMesh(provider, provider.GetRequiredService<SiloRuntime>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISiloPart, SiloStreams>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISiloPart, StreamHandOver>());
        services.TryAddKeyedSingleton(name, (provider, _) => new StreamHub(name, provider.GetRequiredService<SiloRuntime>(), provider.GetRequiredService<MeshOfProcess>().Mesh));
        services.TryAddKeyedSingleton<IStreamProvider>(name, (provider, _) => new MemoryStreamProvider(provider.GetRequiredKeyedService<StreamHub>(name)));
    }

    public static void AddToClient(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddSingleton(provider => provider.GetService<CoHostedSilo>() is null ? MakeMesh(provider, provider.GetRequiredService<ClientRuntime>()) : new MeshOfProcess(null));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClientStreams>());
        services.TryAddKeyedSingleton(name, (provider, _) => provider.GetService<CoHostedSilo>() is not { } silo
            ? new StreamHub(name, provider.GetRequiredService<ClientRuntime>(), provider.GetRequiredService<MeshOfProcess>().Mesh)
            : silo.Services.GetKeyedService<StreamHub>(name) ?? throw new OrleansConfigurationException(
                $"The silo has no stream provider \"{name}\": call AddMemoryStreams(\"{name}\") on its builder too."));
        services.TryAddKeyedSingleton<IStreamProvider>(name, (provider, _) => new MemoryStreamProvider(provider.GetRequiredKeyedService<StreamHub>(name)));
    }

    private static MeshOfProcess MakeMesh(IServiceProvider services, ProcessRuntime runtime) => new(
        services.GetRequiredService<IGrainPlacement>() is ClusterPlacement placement
            ? new StreamMesh(
                runtime, services.GetRequiredService<IMembership>(), placement, services.GetRequiredService<IOptions<EmbeddedClusterOptions>>(),
                services.GetRequiredService<ILogger<StreamMesh>>())
            : null);
}

/// <summary>The way of streams to other processes; none for a silo that is alone.</summary>
internal sealed record MeshOfProcess(StreamMesh? Mesh) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Mesh?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Starts and stops a silo's streams with it.</summary>
internal sealed class SiloStreams(MeshOfProcess streams) : ISiloTransport
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        streams.Mesh?.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => streams.Mesh?.StopAsync() ?? Task.CompletedTask;

    public void Kill() => streams.Mesh?.Kill();
}

/// <summary>Hands over what a silo knows as a home of streams when it stops.</summary>
internal sealed class StreamHandOver(MeshOfProcess streams) : ISiloPart
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => streams.Mesh?.HandOverAsync(cancellationToken) ?? Task.CompletedTask;
}

/// <summary>Starts and stops a client's streams with it.</summary>
internal sealed class ClientStreams(MeshOfProcess streams) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        streams.Mesh?.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => streams.Mesh?.StopAsync() ?? Task.CompletedTask;
}
