using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Reminders;
using Orleans.Embedded.Storage;
using Orleans.Embedded.Streams;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Grain storage that keeps nothing across a restart.</summary>
public static class MemoryGrainStorageSiloBuilderExtensions
{
    /// <summary>Keeps states without a storage name in memory.</summary>
    public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder, Action<MemoryGrainStorageOptions> configureOptions) =>
        builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Keeps states without a storage name in memory.</summary>
    public static ISiloBuilder AddMemoryGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
        builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Keeps states of that storage name in memory.</summary>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions> configureOptions) =>
        builder.AddMemoryGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Keeps states of that storage name in memory.</summary>
    public static ISiloBuilder AddMemoryGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null)
    {
        configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
        builder.Services.AddGrainStorage(name, (_, _) => new MemoryGrainStorage());
        return builder;
    }
}

/// <summary>Sets up memory streams of a silo. There is nothing to set: delivery is by push.</summary>
public interface ISiloMemoryStreamConfigurator;

/// <summary>Sets up memory streams of a client. There is nothing to set: delivery is by push.</summary>
public interface IClusterClientMemoryStreamConfigurator;

/// <summary>Streams within the cluster that keep nothing.</summary>
public static class SiloBuilderMemoryStreamExtensions
{
    /// <summary>Adds a stream provider of that name.</summary>
    public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
    {
        MemoryStreamServices.AddToSilo(builder.Services, name);
        return builder;
    }
}

/// <summary>Streams within the cluster that keep nothing.</summary>
public static class ClientBuilderStreamingExtensions
{
    /// <summary>Adds a stream provider of that name.</summary>
    public static IClientBuilder AddMemoryStreams(
        this IClientBuilder builder, string name, Action<IClusterClientMemoryStreamConfigurator>? configure = null)
    {
        MemoryStreamServices.AddToClient(builder.Services, name);
        return builder;
    }
}

/// <summary>Reminders that are forgotten at a restart.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Keeps reminders in memory: for tests and development.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        ReminderServices.AddInMemory(builder.Services);
        return builder;
    }
}

/// <summary>Reminders in a database.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Keeps reminders in PostgreSQL, in the table <c>orleans_reminders</c>, which must be there.</summary>
    public static ISiloBuilder UseAdoNetReminderService(this ISiloBuilder builder, Action<AdoNetReminderTableOptions> configureOptions)
    {
        builder.Services.AddOptions<AdoNetReminderTableOptions>().Configure(configureOptions)
            .Validate(options => Invariants.IsNpgsql(options.Invariant), Invariants.Refusal)
            .ValidateOnStart();
        ReminderServices.AddPostgres(builder.Services);
        return builder;
    }
}
