using System.Collections.Concurrent;

namespace Warroom.Engine.Tests.Membership;

public interface ILoadGrain : IGrainWithStringKey
{
    /// <summary>Takes a caller's next number, in a turn that takes a moment.</summary>
    Task<int> Take(string caller, int number);
}

public sealed class LoadGrain : Grain, ILoadGrain
{
    private static readonly ConcurrentDictionary<string, LoadOfGrain> All = new();

    private LoadOfGrain Load => Of(this.GetPrimaryKeyString());

    internal static LoadOfGrain Of(string key) => All.GetOrAdd(key, _ => new LoadOfGrain());

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        Load.Deactivated();
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Load.Activated();
        return Task.CompletedTask;
    }

    public async Task<int> Take(string caller, int number)
    {
        Load.Begin(caller, number);
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        Load.End();
        return number;
    }
}

/// <summary>What all activations of a grain, in whichever silo, have seen.</summary>
internal sealed class LoadOfGrain
{
    private readonly ConcurrentDictionary<string, int> _last = new();
    private readonly ConcurrentDictionary<(string Caller, int Number), bool> _seen = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentQueue<string> _outOfOrder = new();
    private int _running;
    private int _active;
    private int _activations;

    public int Activations => Volatile.Read(ref _activations);

    public IEnumerable<string> Wrong => _wrong;

    public IEnumerable<string> OutOfOrder => _outOfOrder;

    public void Activated()
    {
        Interlocked.Increment(ref _activations);
        if (Interlocked.Increment(ref _active) > 1) _wrong.Enqueue("it is active twice");
    }

    public void Deactivated() => Interlocked.Decrement(ref _active);

    public void Begin(string caller, int number)
    {
        if (Interlocked.Increment(ref _running) > 1) _wrong.Enqueue($"call {number} of {caller} runs beside another");
        if (!_seen.TryAdd((caller, number), true)) _wrong.Enqueue($"call {number} of {caller} came twice");
        var last = _last.GetValueOrDefault(caller, -1);
        if (number != last + 1) _outOfOrder.Enqueue($"call {number} of {caller} came after call {last}");
        _last[caller] = number;
    }

    public void End() => Interlocked.Decrement(ref _running);
}
