using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded;
using Orleans.Hosting;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

public interface IBellGrain : IGrainWithStringKey
{
    Task Remind(TimeSpan dueTime, TimeSpan period);

    /// <summary>The same, when the test lets the call go on.</summary>
    Task RemindLate(TimeSpan dueTime, TimeSpan period);

    Task Forget();
}

public sealed class BellGrain(ILocalSiloDetails silo) : Grain, IBellGrain, IRemindable
{
    public Task Remind(TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder("bell", dueTime, period);

    public async Task RemindLate(TimeSpan dueTime, TimeSpan period)
    {
        var record = Recording.Of(this.GetPrimaryKeyString());
        record.Add("held");
        await record.GateAsync();
        await Remind(dueTime, period);
    }

    public async Task Forget()
    {
        if (await this.GetReminder("bell") is { } reminder) await this.UnregisterReminder(reminder);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Recording.Of(this.GetPrimaryKeyString()).Add(silo.SiloAddress.ToParsableString());
        return Task.CompletedTask;
    }
}

/// <summary>Reminders in a cluster of three silos.</summary>
public sealed class ReminderClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly string _run = Guid.NewGuid().ToString("N");
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((_, silo) => silo
            .UseInMemoryReminderService()
            .Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(10)));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Reminders_AreTickedByTheirOwnersAlone()
    {
        var keys = await RemindAsync(60, TimeSpan.FromMilliseconds(100));
        foreach (var key in keys) await Recording.Of(key).CountAsync(1);

        // One more reminder that comes after all of them.
        var last = Assert.Single(await RemindAsync(1, TimeSpan.FromMilliseconds(200), "last"));
        await Recording.Of(last).CountAsync(1);
        Assert.All(keys, key => Assert.Single(Recording.Of(key).Lines));
        Assert.Equal(3, keys.SelectMany(key => Recording.Of(key).Lines).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silo_Gone_ItsRemindersAreTakenOver_AndTicksDueMeanwhileAreGiven(bool isKilled)
    {
        var often = await RemindAsync(30, TimeSpan.FromMilliseconds(50), "often", TimeSpan.FromMilliseconds(200));
        foreach (var key in often) await Recording.Of(key).CountAsync(1);
        var silo = _cluster.Silos[1];
        var gone = silo.SiloAddress.ToParsableString();
        Assert.Contains(often, key => Recording.Of(key).Lines.Contains(gone));

        // Due while the dead silo's lease still runs, which takes two seconds here: nobody can give them in time.
        var keys = await RemindAsync(60, TimeSpan.FromMilliseconds(700));
        var owed = keys.Where(key => OwnerOf(key).Equals(silo.SiloAddress) && Recording.Of(key).Lines.Count == 0).ToList();
        Assert.NotEmpty(owed);
        if (isKilled) await _cluster.KillSiloAsync(silo);
        else await _cluster.StopSiloAsync(silo);

        foreach (var key in keys) await Recording.Of(key).CountAsync(1);
        if (isKilled) Assert.Contains(owed, key => Recording.Of(key).Lines[0] != gone);
        var counts = often.ToDictionary(key => key, key => Recording.Of(key).Lines.Count);
        foreach (var key in often) await Recording.Of(key).CountAsync(counts[key] + 3);
        Assert.All(often, key => Assert.NotEqual(gone, Recording.Of(key).Lines[^1]));
    }

    [Fact]
    public async Task Silo_ThatJoins_TakesRemindersOver()
    {
        var keys = await RemindAsync(60, TimeSpan.FromMilliseconds(50), "joined", TimeSpan.FromMilliseconds(200));
        foreach (var key in keys) await Recording.Of(key).CountAsync(1);

        var joined = await _cluster.StartAdditionalSiloAsync();

        await Eventually.HoldsAsync(
            "the new silo to tick some", () => keys.Any(key => Recording.Of(key).Lines[^1] == joined.SiloAddress.ToParsableString()));
        foreach (var key in keys) await _cluster.Client.GetGrain<IBellGrain>(key).Forget();
    }

    [Fact]
    public async Task Reminder_RegisteredInACallThatItsFormerOwnerStillHeld_TicksAtTheNewOwner()
    {
        var keys = Enumerable.Range(0, 40).Select(i => $"held {i} {_run}").ToList();
        var calls = keys.Select(key => _cluster.Client.GetGrain<IBellGrain>(key).RemindLate(TimeSpan.FromMilliseconds(50), Hour)).ToList();
        foreach (var key in keys) await Recording.Of(key).HasAsync("held");
        var joined = await _cluster.StartAdditionalSiloAsync();
        await _cluster.WaitForLivenessToStabilizeAsync();

        foreach (var key in keys) Recording.Of(key).Open();
        await Task.WhenAll(calls).Soon();
        foreach (var key in keys) await Recording.Of(key).CountAsync(2);
        Assert.Contains(keys, key => Recording.Of(key).Lines[^1] == joined.SiloAddress.ToParsableString());
    }

    [Fact]
    public async Task Reminder_Forgotten_DoesNotComeBackWithTheNextOwner()
    {
        var key = Assert.Single(await RemindAsync(1, TimeSpan.FromMilliseconds(50), "forgotten", TimeSpan.FromMilliseconds(100)));
        var kept = await RemindAsync(60, TimeSpan.FromMilliseconds(50), "kept", TimeSpan.FromMilliseconds(100));
        await Recording.Of(key).CountAsync(2);
        await _cluster.Client.GetGrain<IBellGrain>(key).Forget();
        var owner = _cluster.Silos.Single(silo => silo.SiloAddress.ToParsableString() == Recording.Of(key).Lines[^1]);
        var beside = kept.Where(other => OwnerOf(other).Equals(owner.SiloAddress)).ToList();
        Assert.NotEmpty(beside);
        await _cluster.StopSiloAsync(owner);
        await _cluster.WaitForLivenessToStabilizeAsync();
        var count = Recording.Of(key).Lines.Count;

        // Those that the same silo ticked as often, and that nobody has forgotten, have long been taken over.
        var counts = beside.ToDictionary(other => other, other => Recording.Of(other).Lines.Count);
        foreach (var other in beside) await Recording.Of(other).CountAsync(counts[other] + 5);
        Assert.Equal(count, Recording.Of(key).Lines.Count);
        foreach (var other in kept) await _cluster.Client.GetGrain<IBellGrain>(other).Forget();
    }

    private SiloAddress OwnerOf(string key) =>
        _cluster.Silos[0].ServiceProvider.GetRequiredService<SiloRuntime>().Placement.Locate(_cluster.Client.GetGrain<IBellGrain>(key).GetGrainId())!;

    private async Task<List<string>> RemindAsync(int count, TimeSpan due, string name = "hourly", TimeSpan? period = null)
    {
        var keys = Enumerable.Range(0, count).Select(i => $"{name} {i} {_run}").ToList();
        await Task.WhenAll(keys.Select(key => _cluster.Client.GetGrain<IBellGrain>(key).Remind(due, period ?? Hour)));
        return keys;
    }
}
