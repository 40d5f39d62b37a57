using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Runtime.Hosting;
using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Operations;
using Warroom.Postgres;
using Warroom.Services;

namespace Warroom.Persistence;

/// <summary>Registers all that has to do with the database.</summary>
public static class PersistenceRegistration
{
    /// <summary>The data source of connection string <c>Warroom</c>, the migrations (applied before anything else starts) and the queries: what a process needs that hosts no grain.</summary>
    public static IHostApplicationBuilder AddWarroomDatabase(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<PostgresOptions>().BindConfiguration(PostgresOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(provider => PostgresDataSource.Create(
            provider.GetRequiredService<IConfiguration>().GetConnectionString(PostgresOptions.ConnectionStringName),
            provider.GetRequiredService<IOptions<PostgresOptions>>().Value,
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<PostgresReader>();
        services.AddSingleton<Migrator>();
        services.AddHostedService<PostgresStartup>();
        services.AddSingleton<IncidentQueries>();
        services.AddSingleton<ServiceQueries>();
        services.AddSingleton<BotQueries>();
        services.AddSingleton<SessionQueries>();
        services.AddSingleton<SessionPages>();
        services.AddSingleton<LogVersions>();
        services.AddSingleton<ClusterQueries>();
        services.AddSingleton<OperatorCommands>();
        return builder;
    }

    /// <summary>
    /// As <see cref="AddWarroomDatabase"/>, and both doors of the grains: <c>[PersistentState("…", "warroom")]</c> and <see cref="IGrainLog{TState}"/>.
    /// </summary>
    public static IHostApplicationBuilder AddWarroomPersistence(this IHostApplicationBuilder builder)
    {
        builder.AddWarroomDatabase();
        var services = builder.Services;
        services.AddSingleton<GroupCommit>();
        services.AddSingleton<WarroomGrainStorage>();
        services.AddGrainStorage(WarroomGrainStorage.ProviderName, (provider, _) => provider.GetRequiredService<WarroomGrainStorage>());
        services.AddStateTable(ServiceTable.Create());
        services.AddStateTable(AlertRouterTable.Create());
        services.AddStateTable(BotTables.Bots());
        services.AddStateTable(BotTables.Directory());
        services.AddLogTable(IncidentTable.Create());
        services.AddLogTable(BotTables.Sessions());
        services.AddSingleton<IServiceIncidents>(provider => provider.GetRequiredService<IncidentQueries>());
        return builder;
    }

    /// <summary>Registers a kind of grain state.</summary>
    internal static IServiceCollection AddStateTable(this IServiceCollection services, StateTable table) => services.AddSingleton(table);

    /// <summary>Registers a kind of log: its grains get <see cref="IGrainLog{TState}"/>.</summary>
    internal static IServiceCollection AddLogTable<TState>(this IServiceCollection services, LogTable<TState> table)
        where TState : class =>
        services.AddSingleton<IGrainLog<TState>>(provider => new PostgresGrainLog<TState>(table, provider.GetRequiredService<PostgresReader>(), provider.GetRequiredService<GroupCommit>()));
}
