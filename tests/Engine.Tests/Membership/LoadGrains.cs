using System.Collections.Concurrent;

namespace Warroom.Engine.Tests.Membership;

public interface ILoadGrain : IGrainWithStringKey
{
    /// <summary>Takes a caller's next number, in a turn that takes a moment.</summary>
    Task<int> Take(string caller, int number);
}

public sealed class LoadGrain(ILocalSiloDetails silo) : Grain, ILoadGrain
{
    private static readonly ConcurrentDictionary<string, LoadOfGrain> All = new();

    private LoadOfGrain Load => Of(this.GetPrimaryKeyString());

    internal static LoadOfGrain Of(string key) => All.GetOrAdd(key, _ => new LoadOfGrain());

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        Load.Deactivated(silo.SiloAddress);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Load.Activated(silo.SiloAddress);
        return Task.CompletedTask;
    }

    public async Task<int> Take(string caller, int number)
    {
        Load.Begin(silo.SiloAddress, caller, number);
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        Load.End(silo.SiloAddress);
        return number;
    }
}

/// <summary>What all activations of a grain, in whichever silo, have seen.</summary>
internal sealed class LoadOfGrain
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);
    private readonly HashSet<(string Caller, int Number)> _seen = [];
    private readonly List<string> _wrong = [];
    private readonly List<string> _outOfOrder = [];
    private readonly List<SiloAddress> _active = [];
    private readonly List<SiloAddress> _running = [];
    private SiloAddress? _killed;
    private int _activations;

    public int Activations => Locked(() => _activations);

    public IReadOnlyList<string> Wrong => Locked(() => _wrong.ToList());

    public IReadOnlyList<string> OutOfOrder => Locked(() => _outOfOrder.ToList());

    /// <summary>What was active or running in that silo ends with it and tells nobody.</summary>
    public void Kill(SiloAddress silo)
    {
        lock (_lock)
        {
            _killed = silo;
            _active.RemoveAll(silo.Equals);
            _running.RemoveAll(silo.Equals);
        }
    }

    public void Activated(SiloAddress silo)
    {
        lock (_lock)
        {
            if (silo.Equals(_killed)) return;
            _activations++;
            _active.Add(silo);
            if (_active.Count > 1) _wrong.Add($"it is active twice, in {string.Join(" and ", _active)}");
        }
    }

    public void Deactivated(SiloAddress silo)
    {
        lock (_lock) _active.Remove(silo);
    }

    public void Begin(SiloAddress silo, string caller, int number)
    {
        lock (_lock)
        {
            if (silo.Equals(_killed)) return;
            _running.Add(silo);
            if (_running.Count > 1) _wrong.Add($"call {number} of {caller} runs beside another");
            if (!_seen.Add((caller, number))) _wrong.Add($"call {number} of {caller} came twice");
            var last = _last.GetValueOrDefault(caller, -1);
            if (number != last + 1) _outOfOrder.Add($"call {number} of {caller} came after call {last}");
            _last[caller] = number;
        }
    }

    public void End(SiloAddress silo)
    {
        lock (_lock) _running.Remove(silo);
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) return read();
    }
}
