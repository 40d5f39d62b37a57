using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Reminders;
using Orleans.Hosting;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Reminders;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded;

/// <summary>The reminders of one silo, by a clock that stands still and on a table that the test holds.</summary>
public sealed class ReminderServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ManualTimeProvider _clock = new();
    private readonly HeldReminderTable _table = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private InProcessTestCluster _cluster = null!;

    private ReminderService Service => _cluster.Silos[0].ServiceProvider.GetRequiredService<ReminderService>();

    public async ValueTask InitializeAsync() => _cluster = await EngineCluster.StartAsync(
        silo =>
        {
            silo.Services.AddSingleton<TimeProvider>(_clock);
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton<IReminderTable>(_table);
            silo.AddIncomingGrainCallFilter(context =>
                context.MethodName == nameof(IRemindable.ReceiveReminder) && _failures.TryDequeue(out var failure) ? Task.FromException(failure) : context.Invoke());
        },
        silos: 1);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public static TheoryData<Type> Unsure() => [typeof(TimeoutException), typeof(LimitExceededException), typeof(GatewayTooBusyException), typeof(SiloUnavailableException)];

    [Theory]
    [MemberData(nameof(Unsure))]
    public async Task Tick_ThatMayNotHaveReachedTheGrain_IsGivenAgain_WithGrowingPauses(Type failure)
    {
        var key = $"{this.Key()} {failure.Name}";
        for (var i = 0; i < 3; i++) _failures.Enqueue((Exception)Activator.CreateInstance(failure)!);
        await Grain(key).Remind("r", Minute, Day);
        _clock.Advance(Minute);
        foreach (var pause in new[] { 1, 2, 4 })
        {
            await _clock.WhenArmedAsync(wait => wait == TimeSpan.FromSeconds(pause));
            Assert.Null((await EntryAsync(key))!.LastTick);
            Assert.Empty(Recording.Of(key).Lines);
            _clock.Advance(TimeSpan.FromSeconds(pause));
        }

        await Recording.Of(key).CountAsync(1);
        await Eventually.HoldsAsync("the tick to be noted", async () => (await EntryAsync(key))!.LastTick is not null);
        _clock.Advance(Minute);
        Assert.Single(Recording.Of(key).Lines);
    }

    [Fact]
    public async Task Ticks_OwedAfterARestart_AreSpread()
    {
        var due = _clock.GetUtcNow().UtcDateTime - Minute;
        foreach (var key in Keys("owed")) await _table.UpsertAsync(new ReminderEntry(Grain(key).GetGrainId(), "r", due, Day, ""));
        await Service.RefreshAsync(TestContext.Current.CancellationToken);
        await ComeOneByOneAsync("owed");
    }

    // Such as after an outage: what was tried in vain comes due again at one moment.
    [Fact]
    public async Task Ticks_ThatAreLateTogether_AreSpread()
    {
        for (var i = 0; i < 40; i++) _failures.Enqueue(new TimeoutException());
        foreach (var key in Keys("late")) await Grain(key).Remind("r", Minute, Day);
        _clock.Advance(Minute);
        await Eventually.HoldsAsync("all to be tried in vain", () => _clock.ArmedWaits.Count(wait => wait == TimeSpan.FromSeconds(1)) == 40);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await ComeOneByOneAsync("late");
    }

    [Fact]
    public async Task Tick_ThatTheGrainFailed_IsTaken()
    {
        _failures.Enqueue(new InvalidOperationException("The grain's own."));
        await Grain(this.Key()).Remind("r", Minute, Day);
        _clock.Advance(Minute);
        await Eventually.HoldsAsync("the tick to be noted", async () => (await EntryAsync(this.Key()))!.LastTick is not null);
        Assert.Empty(_failures);
        Assert.Empty(Recording.Of(this.Key()).Lines);
    }

    [Fact]
    public async Task Refresh_ThatReadBeforeAChange_DoesNotBringBackWhatWasBefore()
    {
        await Grain(this.Key()).Remind("changed", Minute, Day);
        await Grain(this.Key()).Remind("forgotten", Minute, Day);
        _table.Hold();
        var refresh = Service.RefreshAsync(TestContext.Current.CancellationToken);
        await Grain(this.Key()).Remind("changed", 10 * Minute, Day);
        Assert.True(await Grain(this.Key()).Forget("forgotten"));
        _table.Release();
        await refresh.Soon();

        // What was due before it was called before it.
        await Grain(this.Key()).Remind("after", 2 * Minute, Day);
        _clock.Advance(2 * Minute);
        await Recording.Of(this.Key()).CountAsync(1);
        Assert.StartsWith("after", Assert.Single(Recording.Of(this.Key()).Lines), StringComparison.Ordinal);
        _clock.Advance(8 * Minute);
        await Recording.Of(this.Key()).CountAsync(2);
        Assert.StartsWith("changed", Recording.Of(this.Key()).Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_WithRowsThatAreNotUsable_ArmsTheOthers()
    {
        for (var i = 0; i < 20; i++)
        {
            var row = new ReminderEntry(Grain($"{this.Key()} {i}").GetGrainId(), "r", _clock.GetUtcNow().UtcDateTime + Minute, Day, "");
            await _table.UpsertAsync(i % 2 == 0 ? row : row with { Period = TimeSpan.Zero });
        }

        await Service.RefreshAsync(TestContext.Current.CancellationToken);
        _clock.Advance(Minute);
        for (var i = 0; i < 20; i += 2) await Recording.Of($"{this.Key()} {i}").CountAsync(1);
    }

    [Fact]
    public async Task Reminder_WhoseSecondTickHasNoDay_IsRefused_AndOneThatWasStoredTicksOnce()
    {
        foreach (var period in new[] { TimeSpan.MaxValue, DateTime.MaxValue - _clock.GetUtcNow().UtcDateTime })
            await Assert.ThrowsAsync<ArgumentException>(() => Grain(this.Key()).Remind("r", Minute, period));
        Assert.Empty(await Grain(this.Key()).Names());

        var start = _clock.GetUtcNow().UtcDateTime + Minute;
        var row = await _table.UpsertAsync(new ReminderEntry(Grain(this.Key()).GetGrainId(), "r", start, TimeSpan.MaxValue, ""));
        Assert.Equal((start, DateTime.MaxValue, start), (row.NextTick(start - Minute), row.NextTick(start), row.LastDue(start + Day)));
        await Service.RefreshAsync(TestContext.Current.CancellationToken);
        _clock.Advance(Minute);
        await Recording.Of(this.Key()).CountAsync(1);
        await Service.RefreshAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Silo_Killed_LeavesNoReminderBehind()
    {
        for (var i = 0; i < 5; i++) await Grain(this.Key()).Remind($"{i}", Minute, Day);
        Assert.NotEqual(0, _clock.ArmedTimers);
        await _cluster.KillSiloAsync(_cluster.Silos[0]);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    private IEnumerable<string> Keys(string kind) => Enumerable.Range(0, 40).Select(i => $"{this.Key()} {kind} {i}");

    /// <summary>One tick comes now, the others have to wait, each 5 ms longer than the one before.</summary>
    private async Task ComeOneByOneAsync(string kind)
    {
        int Ticks() => Keys(kind).Sum(key => Recording.Of(key).Lines.Count);
        for (var ticked = 1; ticked <= 40; ticked++)
        {
            await Eventually.HoldsAsync($"{ticked} to have ticked", () => Ticks() == ticked);
            Assert.Equal(Enumerable.Range(1, 40 - ticked).Select(place => TimeSpan.FromMilliseconds(5 * place)), _clock.ArmedWaits.Where(wait => wait < TimeSpan.FromSeconds(1)).Order());
            _clock.Advance(TimeSpan.FromMilliseconds(5));
        }
    }

    private IAlarmGrain Grain(string key) => _cluster.Client.GetGrain<IAlarmGrain>(key);

    private async Task<ReminderEntry?> EntryAsync(string key) => await _table.ReadAsync(Grain(key).GetGrainId(), "r");
}
