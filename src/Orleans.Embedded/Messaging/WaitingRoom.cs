using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Where calls wait whose target cannot be told yet: its grain is being handed over, no silo is there, the process of an observer has lost its connection.
/// They go on in their order when the cluster has changed. Bounded by number and by the calls' own deadlines.
/// </summary>
internal sealed class WaitingRoom(ClusterRouter router, IGrainPlacement placement) : ICallTarget
{
    private const int CallsMax = 10_000;

    /// <summary>How long a call without a deadline may wait, and any call whose target is not a grain but a process.</summary>
    private const int PatienceMs = 5_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<GrainId, LinkedList<Waiting>> _waiting = [];
    private int _count;
    private bool _isOpen;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether calls of that grain wait: then others go behind them.</summary>
    public bool Holds(GrainId grainId)
    {
        if (Volatile.Read(ref _count) == 0) return false;
        lock (_lock) return _waiting.ContainsKey(grainId);
    }

    public bool TryAccept(GrainRequest request)
    {
        Add(request, 0, isBack: false);
        return true;
    }

    /// <summary>
    /// Takes a call back that was sent and not begun: before those of its grain that wait here, which were made later, and after those that came back before it.
    /// It may have to wait for a moment even if it could go at once, because where it would go it has just been.
    /// </summary>
    public void TakeBack(GrainRequest request, bool delayed) => Add(request, delayed ? EngineClock.RealMs + (long)Pause.TotalMilliseconds : 0, isBack: true);

    private void Add(GrainRequest request, long notBeforeMs, bool isBack)
    {
        var taken = false;
        bool open;
        lock (_lock)
        {
            open = !_isOpen;
            if (_count < CallsMax)
            {
                var grainId = request.Reference!.GrainId;
                if (!_waiting.TryGetValue(grainId, out var queue)) _waiting[grainId] = queue = new LinkedList<Waiting>();
                request.Holder = null;
                var waiting = new Waiting(request, EngineClock.RealMs, notBeforeMs, isBack);
                var next = isBack ? queue.First : null;
                while (next is { Value.IsBack: true }) next = next.Next;
                if (next is null) queue.AddLast(waiting);
                else queue.AddBefore(next, waiting);
                _count++;
                _isOpen = taken = true;
            }
        }

        if (!taken) request.Fail(new LimitExceededException("calls that wait for their grain's silo", CallsMax, CallsMax, request.Reference!.GrainId));
        else if (open) _ = CleanFlow.Run(() => Task.Run(ServeAsync));
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var changed = placement.Changed;
            ServeAll();
            lock (_lock)
            {
                if (_count == 0)
                {
                    _isOpen = false;
                    return;
                }
            }

            await Task.WhenAny(changed, Task.Delay(Pause, TimeProvider.System));
        }
    }

    private void ServeAll()
    {
        List<GrainId> grains;
        lock (_lock) grains = [.. _waiting.Keys];
        var now = EngineClock.RealMs;
        foreach (var grainId in grains)
        {
            while (First(grainId) is { Value: var first } node)
            {
                var request = first.Request;
                if (!request.IsAnswered || request.IsOneWay)
                {
                    var isOver = IsOver(first, now);
                    if (!isOver && (first.NotBeforeMs > now || !router.TryRouteFromRoom(request))) break;
                    if (isOver) router.GiveUp(request);
                }

                Remove(grainId, node);
            }
        }
    }

    private static bool IsOver(Waiting waiting, long now) => waiting.Request.Deadline <= now
        || (now - waiting.SinceMs >= PatienceMs && (waiting.Request.Deadline == long.MaxValue || ClusterRouter.NamesProcess(waiting.Request.Reference!.GrainId)));

    private LinkedListNode<Waiting>? First(GrainId grainId)
    {
        lock (_lock) return _waiting.GetValueOrDefault(grainId)?.First;
    }

    /// <summary>The grain is forgotten with its last call, under the lock under which others would go behind it.</summary>
    private void Remove(GrainId grainId, LinkedListNode<Waiting> node)
    {
        lock (_lock)
        {
            var queue = _waiting[grainId];
            queue.Remove(node);
            _count--;
            if (queue.Count == 0) _waiting.Remove(grainId);
        }
    }

    private readonly record struct Waiting(GrainRequest Request, long SinceMs, long NotBeforeMs, bool IsBack);
}
