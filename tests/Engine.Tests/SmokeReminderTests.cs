using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Warroom.Testing;
using Xunit;

namespace Warroom.Engine.Tests;

public interface IReminded : IGrainWithStringKey
{
    Task Register(string name, TimeSpan due, TimeSpan period);

    Task<List<string>> Names();

    Task Unregister(string name);
}

public class RemindedGrain : Grain, IReminded, IRemindable
{
    public async Task Register(string name, TimeSpan due, TimeSpan period) => await this.RegisterOrUpdateReminder(name, due, period);

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public async Task Unregister(string name)
    {
        if (await this.GetReminder(name) is { } reminder) await this.UnregisterReminder(reminder);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Probe.Of(this.GetPrimaryKeyString()).Log.Enqueue($"{reminderName} {status.FirstTickTime:HH:mm} {status.CurrentTickTime:HH:mm}");
        return Task.CompletedTask;
    }
}

/// <summary>Reminders on PostgreSQL: they tick by the clock, and outlive the silo.</summary>
public sealed class SmokeReminderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Reminders_tick_and_outlive_the_silo()
    {
        var key = nameof(Reminders_tick_and_outlive_the_silo);
        await using var database = await TestDatabase.CreateAsync();
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        foreach (var script in Directory.GetFiles(Path.Combine(Repository.Root, "sql"), "*reminders*.sql").Order(StringComparer.Ordinal))
        {
            await using var ddl = source.CreateCommand(await File.ReadAllTextAsync(script));
            await ddl.ExecuteNonQueryAsync();
        }
        var clock = new ManualTimeProvider();
        await using var cluster = await Start(clock, database.ConnectionString);
        var grain = cluster.Client.GetGrain<IReminded>(key);
        await grain.Register("a", Minute, 2 * Minute);
        await grain.Register("b", TimeSpan.FromHours(5), 2 * Minute);
        await grain.Unregister("b");
        Assert.Equal(["a"], await grain.Names());
        clock.Advance(Minute);
        await Ticks(key, 1);
        clock.Advance(Minute / 2);
        await cluster.RestartSiloAsync(cluster.Silos[0]);
        clock.Advance(2 * Minute);
        await Ticks(key, 2);
        Assert.Equal(["a 12:01 12:01", "a 12:01 12:03"], Probe.Of(key).Log);
        await cluster.Client.GetGrain<IReminded>(key).Unregister("a");
        Assert.Empty(await cluster.Client.GetGrain<IReminded>(key).Names());
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Client.GetGrain<IReminded>(key).Register("c", Minute, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Missing_table_is_said_at_start()
    {
        await using var database = await TestDatabase.CreateAsync();
        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(() => Start(new ManualTimeProvider(), database.ConnectionString));
        Assert.Contains("orleans_reminders", exception.Message, StringComparison.Ordinal);
    }

    private static Task Ticks(string key, int count) => Eventually.HoldsAsync($"{count} ticks", () => Probe.Of(key).Log.Count == count);

    private static async Task<InProcessTestCluster> Start(TimeProvider clock, string connectionString)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(clock);
            silo.UseAdoNetReminderService(options =>
            {
                options.Invariant = "Npgsql";
                options.ConnectionString = connectionString;
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
