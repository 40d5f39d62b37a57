using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Ollama;
using Warroom.Operations;
using Warroom.Persistence;
using Warroom.Postgres;
using Warroom.Streams;

namespace Warroom;

/// <summary>Puts a silo with all of Warroom's grains, or a client of such silos, into a host.</summary>
public static class WarroomSilo
{
    private const string Invariant = "Npgsql";

    /// <summary>A front end's place in its cluster: a silo beside it, or a client (<see cref="WarroomSiloOptions.Role"/>).</summary>
    public static IHostApplicationBuilder AddWarroomCluster(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Options(builder).Role == ClusterRole.Client)
            return builder.AddWarroomClient();
        builder.AddSiloReports(withFrontend: true);
        return builder.AddWarroomSilo();
    }

    /// <summary>
    /// Adds the database (migrated before the silo starts), the models and the silo. The host's services then have <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>, the queries for lists, and the
    /// stream provider <see cref="WarroomStreams.Provider"/>.
    /// </summary>
    public static IHostApplicationBuilder AddWarroomSilo(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddWarroomPersistence();
        builder.Services.AddIncidents();
        builder.Services.AddOllama(builder.Configuration);
        builder.Services.AddBots(builder.Configuration);
        var options = AddOptions(builder);
        builder.UseOrleans(silo =>
        {
            if (options.IsShared)
            {
                // One that is none is refused when the host starts.
                var address = IPAddress.TryParse(options.AdvertisedAddress, out var parsed) ? parsed : IPAddress.Loopback;
                silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, ConnectionString(builder)))
                    .ConfigureEndpoints(address, options.SiloPort, options.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address))
                    .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
            }
            else
            {
                silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: options.ServiceId, clusterId: options.ClusterId);
            }

            silo.Configure<SiloOptions>(named => named.SiloName = options.SiloName ?? $"{Environment.MachineName}-{Environment.ProcessId}")
                .AddMemoryStreams(WarroomStreams.Provider)
                // Microsoft Orleans keeps the subscriptions of memory streams here; streams carry nothing that has to outlive the process.
                .AddMemoryGrainStorage("PubSubStore")
                .AddActivityPropagation();
        });

        // After the silo, so that it is there when this begins.
        builder.Services.AddHostedService<CutReplies>();
        return builder;
    }

    /// <summary>
    /// Adds the database, the list of models and a client of the silos that are found through the database. The host's services then have the same as a silo's, and host no grain.
    /// </summary>
    public static IHostApplicationBuilder AddWarroomClient(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddWarroomDatabase();
        builder.Services.AddOllama(builder.Configuration);
        var options = AddOptions(builder);
        return builder.UseOrleansClient(client => client
            .UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, ConnectionString(builder)))
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId))
            .AddMemoryStreams(WarroomStreams.Provider)
            .AddActivityPropagation());
    }

    private static WarroomSiloOptions AddOptions(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<WarroomSiloOptions>().BindConfiguration(WarroomSiloOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return Options(builder);
    }

    private static WarroomSiloOptions Options(IHostApplicationBuilder builder) => builder.Configuration.GetSection(WarroomSiloOptions.Section).Get<WarroomSiloOptions>() ?? new();

    // The engine's own connections are few and stay: they take nothing from the pool of the grains. A string that is missing is refused when the host starts.
    private static string ConnectionString(IHostApplicationBuilder builder) =>
        builder.Configuration.GetConnectionString(PostgresOptions.ConnectionStringName) is { } text && !string.IsNullOrWhiteSpace(text) ? PostgresDataSource.WithTls(text) : "";
}
