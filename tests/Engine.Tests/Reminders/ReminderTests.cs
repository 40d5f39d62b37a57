using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Reminders;

public interface IAlarmGrain : IGrainWithStringKey
{
    Task Remind(string name, TimeSpan dueTime, TimeSpan period);

    Task<bool> Forget(string name);

    Task<List<string>> Names();

    Task End();
}

public sealed class AlarmGrain : Grain, IAlarmGrain, IRemindable
{
    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    /// <summary>Where the times of a grain's ticks are recorded.</summary>
    public static string TimesKey(string key) => $"{key} times";

    public Task Remind(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task<bool> Forget(string name)
    {
        if (await this.GetReminder(name) is not { } reminder) return false;
        await this.UnregisterReminder(reminder);
        return true;
    }

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order(StringComparer.Ordinal)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Recording.Add($"{reminderName} every {status.Period.TotalSeconds} s, in time {status.CurrentTickTime >= status.FirstTickTime}");
        Recording.Of(TimesKey(this.GetPrimaryKeyString())).Add($"{reminderName} first {status.FirstTickTime:HH:mm}, now {status.CurrentTickTime:HH:mm}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Recording.Add("ends");
        return Task.CompletedTask;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface IForgetfulGrain : IGrainWithStringKey
{
    Task Remind();
}

public sealed class ForgetfulGrain : Grain, IForgetfulGrain
{
    public Task Remind() => this.RegisterOrUpdateReminder("never", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
}

/// <summary>Reminders that are kept in memory.</summary>
public sealed class ReminderTests(EngineCluster cluster)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(30);

    [Fact]
    public async Task Reminder_TicksWithItsStatus()
    {
        await Grain().Remind("r", Soon, TimeSpan.FromMinutes(1));
        await Record().HasAsync("r every 60 s, in time True");
        Assert.True(await Grain().Forget("r"));
    }

    [Fact]
    public async Task Reminder_WithAPeriod_TicksAgain()
    {
        await Grain().Remind("r", Soon, TimeSpan.FromMilliseconds(100));
        await Record().CountAsync(3);
        Assert.True(await Grain().Forget("r"));
    }

    [Fact]
    public async Task Reminder_OfAGrainThatEnded_WakesIt()
    {
        await Grain().Remind("r", TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));
        await Grain().End();
        await Record().WhenAsync("a tick after the end", lines => lines.SkipWhile(line => line != "ends").Contains($"r every {0.3} s, in time True"));
        Assert.True(await Grain().Forget("r"));
    }

    [Fact]
    public async Task Reminders_AreListedReplacedAndForgotten()
    {
        var minute = TimeSpan.FromMinutes(1);
        await Grain().Remind("a", minute, minute);
        await Grain().Remind("b", minute, minute);
        await Grain().Remind("a", Soon, 2 * minute);
        Assert.Equal(["a", "b"], await Grain().Names());
        await Record().HasAsync("a every 120 s, in time True");
        Assert.True(await Grain().Forget("a"));
        Assert.False(await Grain().Forget("a"));
        Assert.Equal(["b"], await Grain().Names());
        Assert.True(await Grain().Forget("b"));
    }

    [Fact]
    public async Task Reminder_OfAGrainThatCannotReceive_IsRefused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IForgetfulGrain>(this.Key()).Remind());

    [Fact]
    public async Task Reminder_MoreOftenThanAllowed_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Grain().Remind("r", Soon, TimeSpan.FromMilliseconds(1)));

    private IAlarmGrain Grain([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IAlarmGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
