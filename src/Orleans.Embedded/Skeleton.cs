using Microsoft.Extensions.DependencyInjection;
namespace Orleans.Embedded.Reminders { internal static class ReminderServices { public static void AddInMemory(IServiceCollection s) { } public static void AddPostgres(IServiceCollection s) { } } }
namespace Orleans.Embedded.Streams { internal static class MemoryStreamServices { public static void Add(IServiceCollection s, string n) { } } }
