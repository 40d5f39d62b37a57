using Orleans.Embedded.Connections;

namespace Orleans.Embedded.Scheduling;

/// <summary>
/// The work that one reading of a connection gave: turns that calls began, answers for callers. It runs on the thread that read, once the next reading is under
/// way on whatever thread: that spares each piece the way through the pool. A second thread is called to help where there is more than one piece, so that none
/// waits behind a long one. What the work has to send leaves when it is done.
/// </summary>
internal sealed class WorkBatch : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static WorkBatch? t_collecting;

    [ThreadStatic]
    private static WorkBatch? t_spare;

    private IThreadPoolWorkItem[] _items = new IThreadPoolWorkItem[16];
    private int _count;
    private int _next;

    public int Count => _count;

    /// <summary>Takes the work if this thread is reading a connection; otherwise the pool has to.</summary>
    public static bool TryCollect(IThreadPoolWorkItem work)
    {
        if (t_collecting is not { } batch) return false;
        batch.Add(work);
        return true;
    }

    /// <summary>From here on the work that this thread schedules is collected.</summary>
    public static WorkBatch Begin()
    {
        var batch = t_spare ?? new WorkBatch();
        t_spare = null;
        t_collecting = batch;
        return batch;
    }

    public void Add(IThreadPoolWorkItem work)
    {
        if (_count == _items.Length) Array.Resize(ref _items, _count * 2);
        _items[_count++] = work;
    }

    public static void EndCollecting() => t_collecting = null;

    /// <summary>Does the work.</summary>
    public void Run()
    {
        if (_count <= 1)
        {
            if (_count == 1)
            {
                var only = _items[0];
                _items[0] = null!;
                _count = 0;
                var scope = FlushScope.Begin();
                only.Execute();
                scope.End();
            }

            t_spare = this;
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        RunItems();
    }

    /// <summary>Gives the work to somebody else, piece by piece; for the simulation, which decides itself what runs when.</summary>
    public void HandOver(Action<IThreadPoolWorkItem> take)
    {
        for (var i = 0; i < _count; i++)
        {
            take(_items[i]);
            _items[i] = null!;
        }

        _count = 0;
        t_spare = this;
    }

    /// <summary>The helper.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (Volatile.Read(ref _next) < _count) RunItems();
    }

    private void RunItems()
    {
        var scope = FlushScope.Begin();
        for (var i = Interlocked.Increment(ref _next) - 1; i < _count; i = Interlocked.Increment(ref _next) - 1) _items[i].Execute();
        scope.End();
    }
}
