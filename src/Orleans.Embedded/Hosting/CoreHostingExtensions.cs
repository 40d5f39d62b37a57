using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;

namespace Orleans.Hosting;

/// <summary>How silos find each other, and traces.</summary>
public static class CoreHostingExtensions
{
    /// <summary>Flows the current activity through grain calls. It costs nothing while nobody listens.</summary>
    public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder) =>
        builder.Configure<ActivityPropagationOptions>(options => options.Enabled = true);

    /// <summary>A silo alone: a cluster of one, without a store and without a lease. Several processes need <c>UseAdoNetClustering</c>.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        if (primarySiloEndpoint is not null && !primarySiloEndpoint.Address.Equals(IPAddress.Loopback))
            throw new ArgumentException("The primary silo must be on this machine.", nameof(primarySiloEndpoint));
        return builder
            .ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort)
            .Configure<ClusterOptions>(options =>
            {
                options.ServiceId = serviceId;
                options.ClusterId = clusterId;
            });
    }
}

/// <summary>Where a silo is reached.</summary>
public static class EndpointOptionsExtensions
{
    /// <summary>Sets address and ports.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort, bool listenOnAnyHostAddress = false) =>
        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = advertisedIP;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
            if (!listenOnAnyHostAddress) return;
            options.SiloListeningEndpoint = new IPEndPoint(IPAddress.Any, siloPort);
            options.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Any, gatewayPort);
        });

    /// <summary>Sets host name and ports; the name's first address of the family is advertised.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder, string hostname, int siloPort, int gatewayPort,
        AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false)
    {
        var address = Array.Find(Dns.GetHostAddresses(hostname), candidate => candidate.AddressFamily == addressFamily)
            ?? throw new ArgumentException($"\"{hostname}\" has no address of family {addressFamily}.", nameof(hostname));
        return builder.ConfigureEndpoints(address, siloPort, gatewayPort, listenOnAnyHostAddress);
    }

    /// <summary>Sets ports; the machine's own address is advertised.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder, int siloPort, int gatewayPort,
        AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false) =>
        builder.ConfigureEndpoints(Dns.GetHostName(), siloPort, gatewayPort, addressFamily, listenOnAnyHostAddress);
}

/// <summary>Clusters whose membership is in a database.</summary>
public static class AdoNetHostingExtensions
{
    /// <summary>
    /// Keeps the membership in PostgreSQL, in the tables <c>orleans_clusters</c> and <c>orleans_members</c>, which must be there. Needs <c>Cluster:Secret</c> in
    /// the host's configuration.
    /// </summary>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions)
    {
        builder.Services.AddOptions<AdoNetClusteringSiloOptions>().Configure(configureOptions)
            .Validate(options => Invariants.IsNpgsql(options.Invariant), Invariants.Refusal)
            .ValidateOnStart();
        ClusterServices.RequireSecret(builder.Services);
        ClusterServices.AddSilo(
            builder.Services, services => ClusterServices.Postgres(services, services.GetRequiredService<IOptions<AdoNetClusteringSiloOptions>>().Value.ConnectionString));
        return builder;
    }

    /// <summary>Finds silos through PostgreSQL. Needs <c>Cluster:Secret</c> in the host's configuration.</summary>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions)
    {
        builder.Services.AddOptions<AdoNetClusteringClientOptions>().Configure(configureOptions)
            .Validate(options => Invariants.IsNpgsql(options.Invariant), Invariants.Refusal)
            .ValidateOnStart();
        ClusterServices.RequireSecret(builder.Services);
        ClusterServices.AddClient(
            builder.Services, services => ClusterServices.Postgres(services, services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value.ConnectionString));
        return builder;
    }
}
