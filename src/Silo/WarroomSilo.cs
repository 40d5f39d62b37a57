using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Ollama;
using Warroom.Persistence;
using Warroom.Streams;

namespace Warroom;

/// <summary>Puts a silo with all of Warroom's grains into a host.</summary>
public static class WarroomSilo
{
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
        var options = builder.Configuration.GetSection(WarroomSiloOptions.Section).Get<WarroomSiloOptions>() ?? new();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: options.ServiceId, clusterId: options.ClusterId)
            .AddMemoryStreams(WarroomStreams.Provider)
            // Microsoft Orleans keeps the subscriptions of memory streams here; streams carry nothing that has to outlive the process.
            .AddMemoryGrainStorage("PubSubStore")
            .AddActivityPropagation());

        // After the silo, so that it is there when this begins.
        builder.Services.AddHostedService<CutReplies>();
        return builder;
    }
}
