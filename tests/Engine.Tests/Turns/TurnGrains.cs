using Orleans.Concurrency;
using Orleans.Serialization.Invocation;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Turns;

public interface IStrictGrain : IGrainWithStringKey
{
    Task Hold(string name);

    Task Say(string line);

    [ReadOnly]
    Task HoldReading(string name);

    [ReadOnly]
    Task SayReading(string line);

    [AlwaysInterleave]
    Task SayBetween(string line);

    Task<bool> StaysOnItsScheduler();

    Task<string> CallBack(string other, string how);

    Task<string> CallReading(string caller);

    [ResponseTimeout("00:00:00.3")]
    Task<string> Return(string to);

    Task<string> Arrive();

    [ResponseTimeout("00:00:00.3")]
    Task<string> ArriveSoon();

    [ReadOnly]
    Task<string> ArriveReading();

    Task<string> CallItself(bool allow);
}

/// <summary>What the grains of these tests have in common: turns that end at once, and turns that await a gate.</summary>
public abstract class TurnsGrain : Grain
{
    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public async Task Hold(string name)
    {
        Recording.Add($"{name} begins");
        await Recording.GateAsync(name);
        Recording.Add($"{name} ends");
    }

    public Task Say(string line)
    {
        Recording.Add(line);
        return Task.CompletedTask;
    }
}

public sealed class StrictGrain : TurnsGrain, IStrictGrain
{
    public Task HoldReading(string name) => Hold(name);

    public Task SayReading(string line) => Say(line);

    public Task SayBetween(string line) => Say(line);

    public async Task<bool> StaysOnItsScheduler()
    {
        var scheduler = TaskScheduler.Current;
        if (scheduler == TaskScheduler.Default) return false;
        await Task.Yield();
        var afterYield = TaskScheduler.Current;
        await Task.Run(() => { });
        var afterPool = TaskScheduler.Current;
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        var child = await Task.Factory.StartNew(() => TaskScheduler.Current, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
        return scheduler == afterYield && scheduler == afterPool && scheduler == TaskScheduler.Current && scheduler == child;
    }

    public async Task<string> CallBack(string other, string how)
    {
        using var section = how switch
        {
            "allowed" => RequestContext.AllowCallChainReentrancy(),
            "suppressed" => Suppress(),
            _ => default,
        };
        return await GrainFactory.GetGrain<IStrictGrain>(other).Return(this.GetPrimaryKeyString());
    }

    public Task<string> Return(string to) => GrainFactory.GetGrain<IStrictGrain>(to).ArriveSoon();

    public Task<string> Arrive() => Task.FromResult("arrived");

    public Task<string> ArriveSoon() => Arrive();

    public Task<string> ArriveReading() => Arrive();

    public Task<string> CallReading(string caller) => GrainFactory.GetGrain<IStrictGrain>(caller).ArriveReading();

    public async Task<string> CallItself(bool allow)
    {
        using var section = allow ? RequestContext.AllowCallChainReentrancy() : default;
        return await this.AsReference<IStrictGrain>().ArriveSoon();
    }

    private static RequestContext.ReentrancySection Suppress()
    {
        RequestContext.AllowCallChainReentrancy();
        return RequestContext.SuppressCallChainReentrancy();
    }
}

public interface ILooseGrain : IGrainWithStringKey
{
    Task<int> Count();

    Task Say(string line);

    Task Hold(string name);

    Task<bool> AwaitRelease();

    Task ReleaseFromThePool();
}

[Reentrant]
public sealed class LooseGrain : TurnsGrain, ILooseGrain
{
    private readonly TaskCompletionSource _released = new();
    private int _inside;
    private int _most;

    public async Task<int> Count()
    {
        for (var i = 0; i < 20; i++)
        {
            _inside++;
            _most = Math.Max(_most, _inside);
            for (var turn = 0; turn < 50; turn++) Interlocked.MemoryBarrier();
            _inside--;
            await Task.Yield();
        }

        return _most;
    }

    public async Task<bool> AwaitRelease()
    {
        var scheduler = TaskScheduler.Current;
        await _released.Task;
        return scheduler != TaskScheduler.Default && scheduler == TaskScheduler.Current;
    }

    public Task ReleaseFromThePool()
    {
        _ = Task.Run(_released.SetResult);
        return Task.CompletedTask;
    }
}

public interface IChoosyGrain : IGrainWithStringKey
{
    Task Hold(string name);

    Task Say(string line);
}

[MayInterleave(nameof(MayInterleave))]
public sealed class ChoosyGrain : TurnsGrain, IChoosyGrain
{
    public static bool MayInterleave(IInvokable request) =>
        request.GetMethodName() == nameof(Say) && request.GetArgument(0) is string line && line.StartsWith("urgent", StringComparison.Ordinal);
}

public interface IPoolGrain : IGrainWithIntegerKey
{
    Task<string> Work(string recording);
}

[StatelessWorker(3)]
public sealed class PoolGrain : Grain, IPoolGrain
{
    public async Task<string> Work(string recording)
    {
        Recording.Of(recording).Add(GrainContext.ActivationId.ToString());
        await Recording.Of(recording).GateAsync();
        return GrainContext.ActivationId.ToString();
    }
}
