using Orleans.Concurrency;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Timers;

public interface IClockworkGrain : IGrainWithStringKey
{
    Task Tick(TimeSpan period, bool interleave = false);

    Task TickOnce();

    Task TickOnceThenAgain();

    Task TickWithState(int state);

    Task TickAndFail();

    Task TickAndHold();

    /// <summary>Another timer, that ticks whatever the grain does: by its ticks tests see that time goes on.</summary>
    Task TickBeside();

    Task Stop();

    Task Hold(string name);

    [AlwaysInterleave]
    Task Nudge();

    Task End();
}

public sealed class ClockworkGrain : Grain, IClockworkGrain
{
    public const string Beside = "beside";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);

    private IGrainTimer? _timer;
    private int _ticks;

    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public Task Tick(TimeSpan period, bool interleave = false)
    {
        _timer = this.RegisterGrainTimer(_ => Note(), new GrainTimerCreationOptions(Soon, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task TickOnce()
    {
        _timer = this.RegisterGrainTimer(_ => Note(), Soon, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task TickOnceThenAgain()
    {
        _timer = this.RegisterGrainTimer(
            async _ =>
            {
                await Note();
                if (_ticks == 1) _timer!.Change(Soon, Timeout.InfiniteTimeSpan);
            },
            Soon, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task TickWithState(int state)
    {
        this.RegisterGrainTimer(
            (number, _) =>
            {
                Recording.Add($"state {number}, context {RequestContext.Get("whose") ?? "none"}, own scheduler {TaskScheduler.Current != TaskScheduler.Default}");
                return Task.CompletedTask;
            },
            state, Soon, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task TickAndFail()
    {
        this.RegisterGrainTimer(
            async _ =>
            {
                await Note();
                throw new InvalidOperationException("The timer goes on.");
            },
            Soon, Soon);
        return Task.CompletedTask;
    }

    public Task TickAndHold()
    {
        this.RegisterGrainTimer(
            async cancellationToken =>
            {
                Recording.Add("holds");
                await using var registration = cancellationToken.Register(() => Recording.Add("is cancelled"));
                await Recording.GateAsync();
                Recording.Add("held");
            },
            Soon, Soon);
        return Task.CompletedTask;
    }

    public Task TickBeside()
    {
        var ticks = 0;
        this.RegisterGrainTimer(
            _ =>
            {
                Recording.Add($"{Beside} {++ticks}");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Soon, Soon) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        Recording.Add("stopped");
        return Task.CompletedTask;
    }

    public async Task Hold(string name)
    {
        Recording.Add($"{name} begins");
        await Recording.GateAsync(name);
        Recording.Add($"{name} ends");
    }

    public Task Nudge() => Task.CompletedTask;

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private Task Note()
    {
        Recording.Add($"tick {++_ticks}");
        return Task.CompletedTask;
    }
}

/// <summary>Timers of grains, on the system's clock and with short periods.</summary>
public sealed class TimerTests(EngineCluster cluster)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task Timer_WithAPeriod_TicksAgain()
    {
        await Grain().Tick(Period);
        await Record().HasAsync("tick 5");
        await Grain().Stop();
    }

    [Fact]
    public async Task Timer_Disposed_TicksNoMore()
    {
        await Grain().Tick(Period);
        await Record().HasAsync("tick 2");
        await Grain().Stop();
        await Grain().TickBeside();
        await Record().HasAsync($"{ClockworkGrain.Beside} 5");
        Assert.Equal("stopped", Own(Record().Lines)[^1]);
        await Grain().End();
    }

    [Fact]
    public async Task Timer_ChangedWithinItsTick_TicksAsItWasChanged()
    {
        await Grain().TickOnceThenAgain();
        await Record().HasAsync("tick 2");
    }

    [Fact]
    public async Task Timer_ThatFails_TicksAgain()
    {
        await Grain().TickAndFail();
        await Record().HasAsync("tick 3");
        await Grain().End();
    }

    [Fact]
    public async Task Timer_HasItsStateAndNoRequestContext()
    {
        RequestContext.Set("whose", "the caller's");
        await Grain().TickWithState(9);
        RequestContext.Clear();
        await Record().HasAsync("state 9, context none, own scheduler True");
    }

    [Fact]
    public async Task Timer_WhileACallAwaits_WaitsForItsEnd()
    {
        await Grain().Tick(Period);
        await Record().HasAsync("tick 1");
        var held = Grain().Hold("a");
        await Record().HasAsync("a begins");
        var interleaving = cluster.Client.GetGrain<IClockworkGrain>(this.Key() + " other");
        await interleaving.Tick(Period);
        await Recording.Of(this.Key() + " other").HasAsync("tick 10");
        Record().Open("a");
        await held.Soon();
        await Grain().Stop();
        await interleaving.Stop();
        var lines = Record().Lines.ToList();
        Assert.Equal(lines.IndexOf("a begins") + 1, lines.IndexOf("a ends"));
    }

    [Fact]
    public async Task Timer_ThatInterleaves_TicksWhileACallAwaits()
    {
        var held = Grain().Hold("a");
        var other = cluster.Client.GetGrain<IClockworkGrain>(this.Key() + " other");
        await other.Tick(Period, interleave: true);
        var hold = other.Hold("b");
        var record = Recording.Of(this.Key() + " other");
        await record.HasAsync("b begins");
        var before = record.Lines.Count;
        await record.CountAsync(before + 3);
        Assert.DoesNotContain("b ends", record.Lines);
        record.Open("b");
        Record().Open("a");
        await Task.WhenAll(held, hold).Soon();
        await other.Stop();
    }

    [Fact]
    public async Task Timer_WhileItsTickHolds_KeepsCallsOutAndDoesNotTickTwice()
    {
        await Grain().TickBeside();
        await Grain().TickAndHold();
        await Record().HasAsync("holds");
        var held = Grain().Hold("a");
        await Grain().Nudge();
        await Record().WhenAsync("five ticks beside the one that holds", lines => lines.SkipWhile(line => line != "holds").Count(IsBeside) >= 5);
        Assert.Equal(["holds"], Own(Record().Lines));
        Record().Open("a");
        Record().Open();
        await held.Soon();
        Assert.Equal(["holds", "held"], Own(Record().Lines).Take(2));
        await Grain().End();
    }

    [Fact]
    public async Task Timer_OfAnEndedActivation_IsGone()
    {
        await Grain().Tick(Period);
        await Record().HasAsync("tick 3");
        await Grain().End();
        await Grain().TickOnce();
        await Record().WhenAsync("the tick of the next activation", lines => lines.Count(line => line == "tick 1") == 2);
        await Grain().TickBeside();
        await Record().HasAsync($"{ClockworkGrain.Beside} 5");
        Assert.Equal("tick 1", Own(Record().Lines)[^1]);
        await Grain().End();
    }

    private static bool IsBeside(string line) => line.StartsWith(ClockworkGrain.Beside, StringComparison.Ordinal);

    private static List<string> Own(IEnumerable<string> lines) => [.. lines.Where(line => !IsBeside(line))];

    private IClockworkGrain Grain([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IClockworkGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
