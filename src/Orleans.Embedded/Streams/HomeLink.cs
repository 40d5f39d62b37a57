namespace Orleans.Embedded.Streams;

/// <summary>
/// This process as a subscriber of streams whose home is one other process. Batches of the session arrive with consecutive numbers; one that is missing, or a home that knows nothing of the session, begins a new one, under
/// which everything is registered again.
/// </summary>
internal sealed class HomeLink(string process)
{
    private readonly Lock _lock = new();
    private Guid _session = Guid.NewGuid();
    private long _next;
    private bool _renewing;

    public string Process => process;

    public Guid Session
    {
        get
        {
            lock (_lock) return _session;
        }
    }

    /// <summary>Takes a batch in its turn. False, and a new session, if one before it is missing; false if it is of another session.</summary>
    public bool TryTake(Guid session, long number, Action take, out bool isBroken)
    {
        lock (_lock)
        {
            isBroken = false;
            if (session != _session) return false;
            if (number != _next)
            {
                Begin();
                isBroken = true;
                return false;
            }

            _next++;
            take();
            return true;
        }
    }

    /// <summary>The session is of no use any more; false if it is another by now.</summary>
    public bool End(Guid session)
    {
        lock (_lock)
        {
            if (session != _session) return false;
            Begin();
            return true;
        }
    }

    /// <summary>The home is told that this process is there. False if it is being told already.</summary>
    public bool TryBeginRenewal()
    {
        lock (_lock)
        {
            if (_renewing) return false;
            return _renewing = true;
        }
    }

    /// <summary>The home was told, or cannot be.</summary>
    public void EndRenewal()
    {
        lock (_lock) _renewing = false;
    }

    private void Begin()
    {
        _session = Guid.NewGuid();
        _next = 0;
    }
}
