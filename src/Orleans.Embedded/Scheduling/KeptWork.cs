namespace Orleans.Embedded.Scheduling;

/// <summary>
/// Who sees to work that something waits for. The owner calls it under the lock under which it adds what waits and looks for it.
/// </summary>
/// <remarks>
/// Why no wake-up is lost: the work is under way when somebody will look again at what waits. Whoever sets that is the one who sees to it: by the pool, or by the thread that keeps the work; whoever ends the keeping takes over.
/// It ends only where nothing was seen to wait under the same lock, so what comes later begins it again and what came earlier was seen.
/// </remarks>
internal struct KeptWork
{
    /// <summary>So much may wait for the end of the turn that makes it; with more, another thread begins.</summary>
    private const int KeptMax = 64;

    private bool _kept;

    /// <summary>Whether somebody will look at what waits.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Something more waits. True: the caller gives the work to <see cref="TurnQueue.Schedule"/>, once it has left its lock.</summary>
    public bool Add(IKeptWork work, int waiting)
    {
        if (!IsUnderWay)
        {
            IsUnderWay = true;
            _kept = TurnQueue.TryKeep(work);
            return !_kept;
        }

        // Kept by the turn of another thread, or by one of this thread that makes a lot: it goes to the pool.
        if (!_kept || (waiting < KeptMax && TurnQueue.Keeps(work))) return false;
        _kept = false;
        return true;
    }

    /// <summary>Begins the work unless it is under way. True: the caller gives it to the pool, or does it.</summary>
    public bool TryBegin()
    {
        if (IsUnderWay) return false;
        return IsUnderWay = true;
    }

    /// <summary>Nothing waits: what comes next begins the work again.</summary>
    public void End() => IsUnderWay = false;

    /// <summary>Takes it from the thread that keeps it. False if somebody has taken it meanwhile.</summary>
    public bool TryTakeKept()
    {
        var taken = _kept;
        _kept = false;
        return taken;
    }
}
