using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Embedded.Reminders;
using Orleans.Hosting;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Reminders;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded;

/// <summary>Reminders in PostgreSQL. The engine's own table: Orleans brings other scripts.</summary>
public sealed class PostgresReminderTests
{
    [Fact]
    public async Task Reminder_OutlivesTheSiloAndWakesItsGrainInTheNext()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);
        await using (var first = await StartAsync(database))
        {
            var grain = first.Client.GetGrain<IAlarmGrain>(this.Key());
            await grain.Remind("r", TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));
            await Recording.Of(this.Key()).HasAsync("r every 0.2 s, in time True");
            Assert.Equal(["r"], await grain.Names());
        }

        var before = Recording.Of(this.Key()).Lines.Count;
        await using var second = await StartAsync(database);
        await Recording.Of(this.Key()).CountAsync(before + 2);
        var same = second.Client.GetGrain<IAlarmGrain>(this.Key());
        Assert.True(await same.Forget("r"));
        Assert.Empty(await same.Names());
    }

    [Fact]
    public async Task Tick_ThatWasDueWhileNothingRan_IsMadeUpForOnce()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);
        await using (var first = await StartAsync(database))
        {
            var grain = first.Client.GetGrain<IAlarmGrain>(this.Key());
            await grain.Remind("due", TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1));
            await Recording.Of(this.Key()).HasAsync("due every 3600 s, in time True");
            await grain.Remind("missed", TimeSpan.FromHours(2), TimeSpan.FromHours(2));
        }

        // As if it had been due an hour ago, and the tick before that had been taken.
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            "UPDATE orleans_reminders SET start_at = now() - interval '3 hours', last_tick_at = now() - interval '3 hours' WHERE reminder_name = 'missed'");
        await command.ExecuteNonQueryAsync();
        await using (var second = await StartAsync(database))
        {
            await Recording.Of(this.Key()).HasAsync("missed every 7200 s, in time True");
            await Eventually.HoldsAsync("the tick to be noted", async () =>
            {
                await using var look = source.CreateCommand("SELECT last_tick_at > now() - interval '90 minutes' FROM orleans_reminders WHERE reminder_name = 'missed'");
                return (bool)(await look.ExecuteScalarAsync())!;
            });
        }

        await using var third = await StartAsync(database);
        Assert.Equal(["due", "missed"], await third.Client.GetGrain<IAlarmGrain>(this.Key()).Names());
        Assert.Equal(2, Recording.Of(this.Key()).Lines.Count(line => line != "ends"));
    }

    [Fact]
    public async Task Reminder_OfAnotherService_IsNotSeen()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);
        await using var ours = await StartAsync(database);
        await using var theirs = await StartAsync(database, "theirs");
        await ours.Client.GetGrain<IAlarmGrain>(this.Key()).Remind("r", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        Assert.Empty(await theirs.Client.GetGrain<IAlarmGrain>(this.Key()).Names());
        Assert.Equal(["r"], await ours.Client.GetGrain<IAlarmGrain>(this.Key()).Names());
    }

    [Fact]
    public async Task Table_AskedByMany_TakesFewConnections()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "many readers", MinPoolSize = 5 };
        await using var table = new PostgresReminderTable(
            Options.Create(new AdoNetReminderTableOptions { Invariant = "Npgsql", ConnectionString = connection.ConnectionString }), Options.Create(new ClusterOptions { ServiceId = "ours" }));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => table.ReadAsync(GrainId.Create("any", $"{i}"))));

        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('many readers', 'orleans-reminders')");
        Assert.InRange((long)(await command.ExecuteScalarAsync())!, 1, 4);
    }

    [Fact]
    public async Task Start_WithoutTheTable_SaysWhatIsMissing()
    {
        await using var database = await TestDatabase.CreateAsync();
        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(() => StartAsync(database));
        Assert.Contains("orleans_reminders", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ticks_GoByTheGivenClock_AlsoAfterARestart()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);
        var clock = new ManualTimeProvider();
        await using var own = await StartAsync(database, clock: clock);
        var grain = own.Client.GetGrain<IAlarmGrain>(this.Key());
        var minute = TimeSpan.FromMinutes(1);
        await grain.Remind("a", minute, 2 * minute);
        await grain.Remind("b", TimeSpan.FromHours(5), 2 * minute);
        Assert.True(await grain.Forget("b"));
        Assert.Equal(["a"], await grain.Names());
        var times = Recording.Of(AlarmGrain.TimesKey(this.Key()));
        clock.Advance(minute);
        await times.CountAsync(1);
        clock.Advance(minute / 2);
        await own.RestartSiloAsync(own.Silos[0]);
        clock.Advance(2 * minute);
        await times.CountAsync(2);
        Assert.Equal(["a first 12:01, now 12:01", "a first 12:01, now 12:03"], times.Lines);
        var same = own.Client.GetGrain<IAlarmGrain>(this.Key());
        Assert.True(await same.Forget("a"));
        Assert.Empty(await same.Names());
        await Assert.ThrowsAsync<ArgumentException>(() => same.Remind("c", minute, TimeSpan.FromSeconds(1)));
    }

    private static async Task MigrateAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        foreach (var script in Directory.GetFiles(Path.Combine(Repository.Root, "sql"), "*reminders*.sql").Order(StringComparer.Ordinal))
        {
            await using var command = source.CreateCommand(await File.ReadAllTextAsync(script));
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <param name="database">Where the reminders are.</param>
    /// <param name="service">Whose they are.</param>
    /// <param name="clock">The clock to go by, with the periods that are allowed to everybody; null is the system's, with short ones.</param>
    private static Task<InProcessTestCluster> StartAsync(TestDatabase database, string service = "ours", ManualTimeProvider? clock = null) => EngineCluster.StartAsync(silo =>
    {
        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = database.ConnectionString;
        });
        silo.Configure<ClusterOptions>(options => options.ServiceId = service);
        if (clock is null) silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(10));
        else silo.Services.AddSingleton<TimeProvider>(clock);
    }, silos: 1);
}
