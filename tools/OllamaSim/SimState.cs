namespace Warroom.Simulation;

/// <summary>What the simulator knows between requests: the knobs, and what was asked of it.</summary>
internal sealed class SimState(TimeProvider time, SimKnobs knobs)
{
    private const int RequestsKept = 1000;
    private readonly Lock _gate = new();
    private readonly LinkedList<SimRequest> _requests = [];
    private readonly Dictionary<string, DateTimeOffset> _loadedUntil = [];
    private SimKnobs _knobs = knobs;
    private long _lastId;
    private int _running;
    private int _runningMax;

    public SimKnobs Knobs
    {
        get
        {
            lock (_gate)
            {
                return _knobs;
            }
        }
    }

    public SimKnobs Change(SimKnobsChange change)
    {
        lock (_gate)
        {
            return _knobs = change.ApplyTo(_knobs);
        }
    }

    /// <summary>Writes the request down and takes its share of the fault, if one is on.</summary>
    public SimRequest Begin(string path, string model, bool stream, string prompt, string system = "", int messages = 0)
    {
        lock (_gate)
        {
            var mine = _knobs;
            if (mine.Fault != SimFault.None && mine.FaultRequests is { } left)
            {
                mine = left > 0 ? mine : mine with { Fault = SimFault.None };
                _knobs = _knobs with { FaultRequests = Math.Max(0, left - 1) };
            }

            var request = new SimRequest(++_lastId, path, model, stream, prompt, system, messages, mine, time.GetUtcNow());
            _requests.AddLast(request);
            if (_requests.Count > RequestsKept)
            {
                _requests.RemoveFirst();
            }

            _runningMax = Math.Max(_runningMax, ++_running);
            return request;
        }
    }

    public void End(SimRequest request, SimOutcome outcome)
    {
        lock (_gate)
        {
            request.Outcome = outcome;
            request.EndedAt = time.GetUtcNow();
            _running--;
        }
    }

    public void Load(string model, TimeSpan keepAlive)
    {
        lock (_gate)
        {
            _loadedUntil[model] = keepAlive < TimeSpan.Zero ? DateTimeOffset.MaxValue : time.GetUtcNow() + keepAlive;
        }
    }

    public IReadOnlyList<(string Model, DateTimeOffset Until)> Loaded()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return [.. _loadedUntil.Where(entry => entry.Value > now).Select(entry => (entry.Key, entry.Value))];
        }
    }

    public SimRequestLog Log()
    {
        lock (_gate)
        {
            return new(_running, _runningMax, [.. _requests.Select(request => request.Entry())]);
        }
    }

    public void ClearLog()
    {
        lock (_gate)
        {
            _requests.Clear();
            _runningMax = _running;
        }
    }
}

/// <summary>How a request ended.</summary>
internal enum SimOutcome
{
    /// <summary>It has not yet.</summary>
    Running,

    /// <summary>All was said.</summary>
    Complete,

    /// <summary>The client closed the connection before.</summary>
    Cancelled,

    /// <summary>The fault that was asked for ended it.</summary>
    Faulted,
}

/// <summary>One request that the simulator was asked.</summary>
internal sealed class SimRequest(
    long id, string path, string model, bool stream, string prompt, string system, int messages, SimKnobs knobs, DateTimeOffset startedAt)
{
    private int _tokens;

    public SimKnobs Knobs => knobs;

    public SimOutcome Outcome { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public void CountToken() => Interlocked.Increment(ref _tokens);

    public SimRequestEntry Entry() =>
        new(id, path, model, stream, prompt, system, messages, knobs.Fault, Outcome, Volatile.Read(ref _tokens), startedAt, EndedAt);
}

/// <summary>What <c>GET /sim/requests</c> says of one request: <c>Prompt</c> is the last of a person's messages, <c>Messages</c> how many there were.</summary>
internal sealed record SimRequestEntry(
    long Id, string Path, string Model, bool Stream, string Prompt, string System, int Messages, SimFault Fault, SimOutcome Outcome, int Tokens, DateTimeOffset StartedAt, DateTimeOffset? EndedAt);

/// <summary>What <c>GET /sim/requests</c> answers.</summary>
internal sealed record SimRequestLog(int Running, int RunningMax, IReadOnlyList<SimRequestEntry> Requests);
