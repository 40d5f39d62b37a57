using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Sequences;

namespace Orleans.Embedded.Connections;

/// <summary>
/// The calls that went over a connection and have no answer yet, by their numbers. A number is a slot and how often the slot was used, so that a late answer
/// finds nothing. Everything here is under the connection's lock.
/// </summary>
internal sealed class PendingCalls
{
    private Slot[] _slots = new Slot[32];
    private int _used;
    private int _free = -1;

    public int Count { get; private set; }

    /// <summary>Adds a call; <paramref name="position"/> is where its frame ends among all bytes of the connection.</summary>
    public long Add(GrainRequest request, long position)
    {
        int index;
        if (_free >= 0)
        {
            index = _free;
            _free = _slots[index].NextFree;
        }
        else
        {
            if (_used == _slots.Length) Array.Resize(ref _slots, _used * 2);
            index = _used++;
        }

        ref var slot = ref _slots[index];
        slot.Request = request;
        slot.Position = position;
        if (++slot.Uses == 0) slot.Uses = 1;
        Count++;
        return ((long)slot.Uses << 32) | (uint)index;
    }

    public GrainRequest? Find(long id) => Index(id) is >= 0 and var index ? _slots[index].Request : null;

    public GrainRequest? Take(long id)
    {
        var index = Index(id);
        if (index < 0) return null;
        var request = _slots[index].Request;
        Free(index);
        return request;
    }

    /// <summary>The number of a call; 0 if it is not here. It looks at all, because it is seldom asked.</summary>
    public long IdOf(GrainRequest request)
    {
        for (var i = 0; i < _used; i++)
            if (ReferenceEquals(_slots[i].Request, request)) return ((long)_slots[i].Uses << 32) | (uint)i;
        return 0;
    }

    /// <summary>Takes the calls whose time is up. The items of a sequence have no deadline; its start has.</summary>
    public List<(long Id, GrainRequest Request)>? TakeLate(long now)
    {
        List<(long, GrainRequest)>? late = null;
        for (var i = 0; i < _used; i++)
        {
            if (_slots[i].Request is not { } request || request.Deadline > now || (request is IGrainSequence && request.IsAnswered)) continue;
            (late ??= []).Add((((long)_slots[i].Uses << 32) | (uint)i, request));
            Free(i);
        }

        return late;
    }

    /// <summary>Adds the calls that are here to a list.</summary>
    public void CopyTo(List<GrainRequest> calls)
    {
        for (var i = 0; i < _used; i++)
            if (_slots[i].Request is { } request) calls.Add(request);
    }

    /// <summary>Takes all calls, in the order of their sending.</summary>
    public List<(long Position, GrainRequest Request)> TakeAll()
    {
        var all = new List<(long Position, GrainRequest Request)>(Count);
        for (var i = 0; i < _used; i++)
        {
            if (_slots[i].Request is not { } request) continue;
            all.Add((_slots[i].Position, request));
            Free(i);
        }

        all.Sort(static (left, right) => left.Position.CompareTo(right.Position));
        return all;
    }

    private int Index(long id)
    {
        var index = (int)(id & 0xFFFF_FFFF);
        return index >= 0 && index < _used && _slots[index].Uses == (int)(id >> 32) && _slots[index].Request is not null ? index : -1;
    }

    private void Free(int index)
    {
        _slots[index].Request = null;
        _slots[index].NextFree = _free;
        _free = index;
        Count--;
    }

    private struct Slot
    {
        public GrainRequest? Request;
        public long Position;
        public int Uses;
        public int NextFree;
    }
}
