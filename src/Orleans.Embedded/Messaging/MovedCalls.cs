using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Sequences;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Calls of this process that went to a silo which has ceased to own their grain since, and have no answer yet. It hands them on; calls that went to the new
/// owner directly would overtake them. So further calls of such a grain wait until those are answered. While no view changes this costs one look.
/// </summary>
internal sealed class MovedCalls(ClusterNetwork network, IGrainPlacement placement) : IWatched
{
    /// <summary>After that a silo ends even activations whose calls hang; order is worth no longer wait.</summary>
    private const int PatienceMs = 35_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<GrainId, List<GrainRequest>> _calls = [];
    private long _version;
    private long _untilMs;
    private int _count;
    private bool _watched;

    /// <summary>Whether calls of that grain are still on their way through another silo than its owner in that view.</summary>
    public bool Holds(GrainId grainId, long version)
    {
        if (Volatile.Read(ref _version) < version) LookAgain(version);
        if (Volatile.Read(ref _count) == 0) return false;
        lock (_lock)
        {
            if (!_calls.TryGetValue(grainId, out var calls)) return false;
            calls.RemoveAll(IsOver);
            if (EngineClock.RealMs < _untilMs && calls.Count > 0) return true;
            _calls.Remove(grainId);
            _count = _calls.Count;
            return false;
        }
    }

    /// <summary>A call has been sent to a silo by a view that was not the newest any more.</summary>
    public void Note(GrainRequest request, SiloAddress silo)
    {
        lock (_lock)
        {
            Add(request, silo);
            Settle();
        }
    }

    /// <summary>Forgets what has been answered, so that it is not kept in memory.</summary>
    public bool CheckDeadlines(long now)
    {
        lock (_lock)
        {
            foreach (var (grainId, calls) in _calls.ToList())
                if (now >= _untilMs || calls.TrueForAll(IsOver)) _calls.Remove(grainId);
            _count = _calls.Count;
            return _watched = _count > 0;
        }
    }

    /// <summary>What came back from its silo without having been begun is not on its way any more, and must not wait for itself.</summary>
    private static bool IsOver(GrainRequest request) => request.IsAnswered || request.IsTakenBack;

    private void LookAgain(long version)
    {
        lock (_lock)
        {
            if (_version >= version) return;
            _calls.Clear();
            foreach (var (silo, request) in network.CallsUnderWay()) Add(request, silo);
            Settle();
            Volatile.Write(ref _version, version);
        }
    }

    private void Add(GrainRequest request, SiloAddress silo)
    {
        // What was forwarded for others is theirs to keep in order; items of sequences, observers and stateless workers know no owner.
        if (IsOver(request) || request.Inbound is not null || request is IGrainSequence) return;
        var grainId = request.Reference!.GrainId;
        if (ClusterRouter.NamesProcess(grainId) || silo.Equals(placement.Locate(grainId)) || network.Runtime.Grains.FindClass(grainId.Type) is { WorkersMax: > 0 }) return;
        if (!_calls.TryGetValue(grainId, out var calls)) _calls[grainId] = calls = [];
        calls.Add(request);
    }

    private void Settle()
    {
        _untilMs = EngineClock.RealMs + PatienceMs;
        Volatile.Write(ref _count, _calls.Count);
        if (_count == 0 || _watched) return;
        _watched = true;
        network.Runtime.Watch.Add(this);
    }
}
