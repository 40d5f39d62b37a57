using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Embedded.Hosting;

namespace Orleans.Embedded.Reminders;

/// <summary>Registers the reminder service.</summary>
internal static class ReminderServices
{
    public static void AddInMemory(IServiceCollection services)
    {
        services.RemoveAll<IReminderTable>();
        services.AddSingleton<IReminderTable, InMemoryReminderTable>();
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
