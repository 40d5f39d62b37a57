using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Storage;

namespace Warroom.Engine.Tests;

/// <summary>What happens in grains, seen by tests: a gate to hold calls at, and a log in order. One per test, by name.</summary>
internal static class Probe
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, State> All = new();

    public sealed class State
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();
    }

    public static State Of(string name) => All.GetOrAdd(name, _ => new State());
}

public interface ITurnGrain : IGrainWithStringKey
{
    Task Hold(string what);

    [AlwaysInterleave]
    Task<string> Interleave();

    [ReadOnly]
    Task HoldReading(string what);

    [ReadOnly]
    Task<int> Read();

    Task<int> Write();

    [OneWay]
    Task Fire(string what);

    [ResponseTimeout("00:00:00.3")]
    Task HoldShortly();

    Task<string> HoldCancellable(CancellationToken cancellationToken);

    Task End();

    Task<string> Activation();

    Task<object?> Context(string key);

    Task Fail();
}

public class TurnGrain : Grain, ITurnGrain
{
    private int _running;

    private Probe.State State => Probe.Of(this.GetPrimaryKeyString());

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        State.Log.Enqueue($"end {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task Hold(string what)
    {
        State.Log.Enqueue($"begin {what} {++_running}");
        await State.Gate.Task;
        State.Log.Enqueue($"done {what} {_running--}");
    }

    public Task<string> Interleave() => Task.FromResult($"running {_running}");

    public async Task HoldReading(string what) => await Hold(what);

    public Task<int> Read() => Task.FromResult(_running);

    public Task<int> Write() => Task.FromResult(_running);

    public async Task Fire(string what)
    {
        await Task.Yield();
        State.Log.Enqueue(what);
        throw new InvalidOperationException("nobody sees this");
    }

    public Task HoldShortly() => State.Gate.Task;

    public async Task<string> HoldCancellable(CancellationToken cancellationToken)
    {
        State.Log.Enqueue("begin");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            State.Log.Enqueue($"cancelled on {TaskScheduler.Current == TaskScheduler.Default}");
            throw;
        }

        return "never";
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> Activation() => Task.FromResult(GrainContext.ActivationId.ToString());

    public Task<object?> Context(string key) => Task.FromResult(RequestContext.Get(key));

    public async Task Fail()
    {
        await Task.Yield();
        throw new KeyNotFoundException("no such thing");
    }
}

[Reentrant]
public class ReentrantGrain : Grain, IReentrantGrain
{
    private readonly TaskCompletionSource _other = new();

    public async Task<bool> Wait()
    {
        var scheduler = TaskScheduler.Current;
        await _other.Task;
        return ReferenceEquals(scheduler, TaskScheduler.Current);
    }

    public Task Release()
    {
        _ = Task.Run(_other.SetResult);
        return Task.CompletedTask;
    }
}

public interface IReentrantGrain : IGrainWithStringKey
{
    Task<bool> Wait();

    Task Release();
}

public interface IChainGrain : IGrainWithStringKey
{
    Task<string> Begin(string other, bool allow);

    Task<string> Back(string first);

    Task<string> End();
}

public class ChainGrain : Grain, IChainGrain
{
    public async Task<string> Begin(string other, bool allow)
    {
        if (!allow) return await GrainFactory.GetGrain<IChainGrain>(other).Back(this.GetPrimaryKeyString());
        using var section = RequestContext.AllowCallChainReentrancy();
        return await GrainFactory.GetGrain<IChainGrain>(other).Back(this.GetPrimaryKeyString());
    }

    public Task<string> Back(string first) => GrainFactory.GetGrain<IChainGrain>(first).End();

    public Task<string> End() => Task.FromResult("came back");
}

[MayInterleave(nameof(Decide))]
public class DecidingGrain : Grain, IDecidingGrain
{
    private readonly TaskCompletionSource _gate = new();

    public static bool Decide(IInvokable request) => request.GetMethodName() == nameof(IDecidingGrain.Open);

    public Task Wait() => _gate.Task;

    public Task Open()
    {
        _gate.TrySetResult();
        return Task.CompletedTask;
    }
}

public interface IDecidingGrain : IGrainWithStringKey
{
    Task Wait();

    Task Open();
}

public interface IStateGrain : IGrainWithStringKey
{
    Task<string?> Get();

    Task Set(string value);

    Task<bool> Clear();

    Task Break(Exception exception);

    Task<string> Activation();
}

public class StateGrain([PersistentState("state", "broken")] IPersistentState<StateGrain.Kept> kept) : Grain, IStateGrain
{
    public sealed record Kept
    {
        public string? Value { get; init; }
    }

    public Task<string?> Get() => Task.FromResult(kept.State.Value);

    public async Task Set(string value)
    {
        kept.State = new Kept { Value = value };
        await kept.WriteStateAsync();
    }

    public async Task<bool> Clear()
    {
        await kept.ClearStateAsync();
        return kept.Etag is null && !kept.RecordExists;
    }

    public Task Break(Exception exception)
    {
        // As the storage would make it: one that came from another process is another activation's.
        BreakableStorage.Next = exception is InconsistentStateException other ? new InconsistentStateException(other.Message, other.StoredEtag, other.CurrentEtag) : exception;
        return Task.CompletedTask;
    }

    public Task<string> Activation() => Task.FromResult(GrainContext.ActivationId.ToString());
}

/// <summary>A storage whose next write fails as a test says.</summary>
internal sealed class BreakableStorage : IGrainStorage
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, (object Value, int Version)> Rows = new();

    public static Exception? Next { get; set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Rows.TryGetValue($"{stateName}/{grainId}", out var row)) (grainState.State, grainState.ETag, grainState.RecordExists) = ((T)row.Value, $"{row.Version}", true);
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Task.Yield();
        if (Next is { } exception)
        {
            Next = null;
            throw exception;
        }

        var version = int.Parse(grainState.ETag ?? "0") + 1;
        Rows[$"{stateName}/{grainId}"] = (grainState.State!, version);
        (grainState.ETag, grainState.RecordExists) = ($"{version}", true);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Rows.TryRemove($"{stateName}/{grainId}", out _);
        (grainState.ETag, grainState.RecordExists) = (null, false);
        return Task.CompletedTask;
    }
}

[StatelessWorker(2)]
public class WorkerGrain : Grain, IWorkerGrain
{
    public async Task<string> Work(string probe)
    {
        Probe.Of(probe).Log.Enqueue("begin");
        await Probe.Of(probe).Gate.Task;
        return GrainContext.ActivationId.ToString();
    }
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task<string> Work(string probe);
}

public class FailingGrain : Grain, IFailingGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        Probe.Of(this.GetPrimaryKeyString()).Log.IsEmpty && Note() ? throw new TimeZoneNotFoundException("first try") : Task.CompletedTask;

    public Task<string> Hello() => Task.FromResult("hello");

    private bool Note()
    {
        Probe.Of(this.GetPrimaryKeyString()).Log.Enqueue("tried");
        return true;
    }
}

public interface IFailingGrain : IGrainWithStringKey
{
    Task<string> Hello();
}

public interface ISequenceGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int to, CancellationToken cancellationToken = default);

    Task<int> Produced();
}

public class SequenceGrain : Grain, ISequenceGrain
{
    private int _produced;

    public async IAsyncEnumerable<int> Count(int to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            for (var i = 1; i <= to; i++)
            {
                _produced = i;
                if (i == 1_000_000) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                yield return i;
            }
        }
        finally
        {
            Probe.Of(this.GetPrimaryKeyString()).Log.Enqueue("finally");
        }
    }

    public Task<int> Produced() => Task.FromResult(_produced);
}

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start();

    Task<int> Ticks();
}

public class TimerGrain : Grain, ITimerGrain
{
    private int _ticks;

    public Task Start()
    {
        this.RegisterGrainTimer(
            _ =>
            {
                _ticks++;
                return Task.CompletedTask;
            },
            TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);
}
