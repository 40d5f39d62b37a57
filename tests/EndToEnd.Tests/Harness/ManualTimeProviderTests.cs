using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd.Harness;

/// <summary>The clock that the tests of all projects rely on.</summary>
public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Advance_FiresTimersInTheOrderOfTheirDueTimesEachAtItsTime()
    {
        var start = _clock.GetUtcNow();
        var fired = new List<(string Name, TimeSpan At)>();
        using var late = _clock.CreateTimer(_ => fired.Add(("late", _clock.GetUtcNow() - start)), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var early = _clock.CreateTimer(_ => fired.Add(("early", _clock.GetUtcNow() - start)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(
            [("early", TimeSpan.FromSeconds(1)), ("early", TimeSpan.FromSeconds(2)), ("late", TimeSpan.FromSeconds(3)), ("early", TimeSpan.FromSeconds(3))],
            fired);
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.GetElapsedTime(0));
    }

    [Fact]
    public void Advance_CallbackThatArmsATimerWithinTheStep_FiresItToo()
    {
        var fired = 0;
        ITimer? second = null;
        using var first = _clock.CreateTimer(
            _ => second = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, fired);
        second?.Dispose();
    }

    [Fact]
    public void Advance_DisposedTimer_StaysSilent()
    {
        var timer = _clock.CreateTimer(_ => Assert.Fail("It was disposed."), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, _clock.ArmedTimers);
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public void SetWallClock_MovesNeitherTimersNorTheMonotonicClock()
    {
        var fired = false;
        using var timer = _clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.SetWallClock(_clock.GetUtcNow().AddHours(2));

        Assert.False(fired);
        Assert.Equal(0, _clock.GetTimestamp());
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.UntilNextTimer);
    }

    [Fact]
    public async Task WhenArmedAsync_CompletesWhenSomebodyBeginsToWait()
    {
        var armed = _clock.WhenArmedAsync(due => due == TimeSpan.FromSeconds(5));
        Assert.False(armed.IsCompleted);

        var delay = Task.Delay(TimeSpan.FromSeconds(5), _clock);
        await armed;
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5));

        await Eventually.CompletesAsync("the delay", delay);
    }
}
