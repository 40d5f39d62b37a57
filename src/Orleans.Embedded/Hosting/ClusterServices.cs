using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Hosting;

namespace Orleans.Embedded.Hosting;

/// <summary>What silos and clients need to be, or to find, members of a cluster.</summary>
internal static class ClusterServices
{
    /// <summary>Reads section <c>Cluster</c> and refuses at start what cannot work.</summary>
    public static void AddOptions(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EmbeddedClusterOptions>()
            .Bind(configuration.GetSection(EmbeddedClusterOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddedClusterOptions>, ClusterOptionsCheck>());
    }

    /// <summary>Makes the silo a member of a cluster whose membership is in a store.</summary>
    public static void AddSilo(IServiceCollection services, Func<IServiceProvider, IMembershipStore> store)
    {
        Replace(services, store);
        services.RemoveAll<IMembership>();
        services.RemoveAll<IGrainPlacement>();
        services.TryAddSingleton<MembershipMetrics>();
        services.TryAddSingleton<MembershipService>();
        services.TryAddSingleton<GrainHandOver>();
        services.TryAddSingleton<SiloCluster>();
        services.TryAddSingleton<SiloPorts>();
        services.TryAddSingleton(NetworkHost.Read());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISiloPart, SiloTransport>());
        services.AddSingleton<IMembership>(provider => provider.GetRequiredService<MembershipService>());
        services.AddSingleton<IGrainPlacement>(provider =>
            new ClusterPlacement(provider.GetRequiredService<MembershipService>().Knowledge, provider.GetRequiredService<SiloLease>()));
    }

    /// <summary>Lets a client follow a cluster whose membership is in a store.</summary>
    public static void AddClient(IServiceCollection services, Func<IServiceProvider, IMembershipStore> store)
    {
        Replace(services, store);
        services.RemoveAll<IMembership>();
        services.RemoveAll<IGrainPlacement>();
        services.TryAddSingleton<MembershipFollower>();
        services.AddSingleton<IMembership>(provider => provider.GetRequiredService<MembershipFollower>());
        services.AddSingleton<IGrainPlacement>(provider => new ClusterPlacement(provider.GetRequiredService<MembershipFollower>().Knowledge, lease: null));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MembershipFollower>(provider => provider.GetRequiredService<MembershipFollower>()));

        // After the follower: it waits for what the follower learns.
        services.TryAddSingleton<ClientRuntime>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClientTransport>());
    }

    /// <summary>Refuses to start without the secret by which the processes of a cluster know each other.</summary>
    public static void RequireSecret(IServiceCollection services) =>
        services.AddOptions<EmbeddedClusterOptions>().Validate(
            options => options.Secret.Length > 0,
            "Cluster:Secret is missing: the processes of a cluster prove to each other that they know it. Set it to the same random text of at least "
            + $"{EmbeddedClusterOptions.SecretLengthMin} characters in all of them, for instance Cluster__Secret=$(openssl rand -hex 32).");

    public static IMembershipStore InMemory(IServiceProvider services)
    {
        var cluster = services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        return new InMemoryMembershipStore(
            cluster.ClusterId, cluster.ServiceId, services.GetRequiredService<IOptions<EmbeddedClusterOptions>>().Value.DeadRemembered, services.GetRequiredService<TimeProvider>());
    }

    public static IMembershipStore Postgres(IServiceProvider services, string connectionString)
    {
        var cluster = services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        return new PostgresMembershipStore(
            connectionString, cluster.ClusterId, cluster.ServiceId, services.GetRequiredService<IOptions<EmbeddedClusterOptions>>().Value.DeadRemembered);
    }

    private static void Replace(IServiceCollection services, Func<IServiceProvider, IMembershipStore> store)
    {
        services.RemoveAll<IMembershipStore>();
        services.AddSingleton(store);
    }

    private sealed class ClusterOptionsCheck : IValidateOptions<EmbeddedClusterOptions>
    {
        public ValidateOptionsResult Validate(string? name, EmbeddedClusterOptions options) =>
            options.Refusal is { } refusal ? ValidateOptionsResult.Fail(refusal) : ValidateOptionsResult.Success;
    }
}

/// <summary>Clusters whose silos are all in one process: for tests.</summary>
internal static class InMemoryClusteringExtensions
{
    /// <summary>Makes the silo a member of the cluster of its ClusterId within this process.</summary>
    public static ISiloBuilder UseInMemoryClustering(this ISiloBuilder builder)
    {
        ClusterServices.AddSilo(builder.Services, ClusterServices.InMemory);
        return builder;
    }

    /// <summary>Lets the client follow the cluster of its ClusterId within this process.</summary>
    public static IClientBuilder UseInMemoryClustering(this IClientBuilder builder)
    {
        ClusterServices.AddClient(builder.Services, ClusterServices.InMemory);
        return builder;
    }
}
