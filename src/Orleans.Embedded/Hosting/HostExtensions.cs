using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a silo.</summary>
public static class OrleansSiloGenericHostExtensions
{
    /// <summary>Makes the host a silo. Called again, it goes on setting up the same silo.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    /// <summary>Makes the host a silo. Called again, it goes on setting up the same silo.</summary>
    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    /// <summary>Makes the host a silo, which includes a client. Called again, it goes on setting up the same silo.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(Builder(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Makes the host a silo, which includes a client. Called again, it goes on setting up the same silo.</summary>
    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ((IHostApplicationBuilder)hostAppBuilder).UseOrleans(configureDelegate);
        return hostAppBuilder;
    }

    /// <summary>Makes the host a silo, which includes a client.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.UseOrleans((_, silo) => configureDelegate(silo));

    /// <summary>Makes the host a silo, which includes a client.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostBuilder);
        ArgumentNullException.ThrowIfNull(configureDelegate);
        return hostBuilder.ConfigureServices((context, services) => configureDelegate(context, Builder(services, context.Configuration)));
    }

    /// <summary>Adds a silo to services.</summary>
    public static IServiceCollection AddOrleans(this IServiceCollection services, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(Builder(services, new ConfigurationBuilder().Build()));
        return services;
    }

    private static SiloBuilder Builder(IServiceCollection services, IConfiguration configuration)
    {
        foreach (var descriptor in services)
        {
            if (descriptor.ServiceType != typeof(BuilderMarker)) continue;
            return ((BuilderMarker)descriptor.ImplementationInstance!).Builder as SiloBuilder ?? throw new OrleansConfigurationException(
                "Do not call UseOrleansClient together with UseOrleans: a silo has a client.");
        }

        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(new BuilderMarker(builder));
        SiloServices.AddTo(services, configuration);
        return builder;
    }
}

/// <summary>Makes a host a client.</summary>
public static class OrleansClientGenericHostExtensions
{
    /// <summary>Makes the host a client. Called again, it goes on setting up the same client.</summary>
    public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleansClient(_ => { });

    /// <summary>Makes the host a client. Called again, it goes on setting up the same client.</summary>
    public static HostApplicationBuilder UseOrleansClient(this HostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleansClient(_ => { });

    /// <summary>Makes the host a client. Called again, it goes on setting up the same client.</summary>
    public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(Builder(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Makes the host a client. Called again, it goes on setting up the same client.</summary>
    public static HostApplicationBuilder UseOrleansClient(this HostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
    {
        ((IHostApplicationBuilder)hostAppBuilder).UseOrleansClient(configureDelegate);
        return hostAppBuilder;
    }

    private static ClientBuilder Builder(IServiceCollection services, IConfiguration configuration)
    {
        foreach (var descriptor in services)
        {
            if (descriptor.ServiceType != typeof(BuilderMarker)) continue;
            return ((BuilderMarker)descriptor.ImplementationInstance!).Builder as ClientBuilder ?? throw new OrleansConfigurationException(
                "Do not call UseOrleansClient together with UseOrleans: a silo has a client.");
        }

        var builder = new ClientBuilder(services, configuration);
        services.AddSingleton(new BuilderMarker(builder));
        ClientServices.AddTo(services, configuration);
        return builder;
    }
}
