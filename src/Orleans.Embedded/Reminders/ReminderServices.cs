using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Placement;

namespace Orleans.Embedded.Reminders;

/// <summary>Registers the reminder service.</summary>
internal static class ReminderServices
{
    public static void AddInMemory(IServiceCollection services)
    {
        services.RemoveAll<IReminderTable>();
        services.AddSingleton<IReminderTable>(provider => new InMemoryReminderTable(
            provider.GetRequiredService<IGrainPlacement>() is ClusterPlacement ? provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId : null));
        AddService(services);
    }

    public static void AddPostgres(IServiceCollection services)
    {
        services.RemoveAll<IReminderTable>();
        services.AddSingleton<IReminderTable, PostgresReminderTable>();
        AddService(services);
    }

    private static void AddService(IServiceCollection services)
    {
        services.TryAddSingleton<ReminderService>();
        services.TryAddSingleton<IReminderRegistry>(provider => provider.GetRequiredService<ReminderService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISiloPart, ReminderService>(provider => provider.GetRequiredService<ReminderService>()));
    }
}
