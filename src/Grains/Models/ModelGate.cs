namespace Warroom.Models;

/// <summary>
/// What a gateway grain decides, without the grain: slots, queue and breaker. Pure but for its own state; time is a monotonic clock's, given with each call. Tickets that became
/// granted or lost their place since are told through <see cref="TakeChanged"/>.
/// </summary>
public sealed class ModelGate
{
    /// <summary>How long a slot stays taken without being renewed.</summary>
    public static readonly TimeSpan SlotLifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long a place in the queue is kept without being asked for.</summary>
    public static readonly TimeSpan PlaceLifetime = TimeSpan.FromSeconds(15);

    private readonly int _slots;
    private readonly int _queueLimit;
    private readonly Dictionary<Guid, Slot> _granted = [];
    private readonly Dictionary<Guid, TimeSpan> _placeUntil = [];
    private readonly FairQueue<Guid> _queue = new();
    private readonly List<Guid> _changed = [];
    private CircuitBreaker _breaker;

    /// <summary>An empty gate.</summary>
    public ModelGate(ModelGatewayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _slots = options.MaxConcurrentPerEndpoint;
        _queueLimit = options.QueueLimit;
        _breaker = new(options.BreakerFailures, options.BreakerOpenTime);
    }

    /// <summary>How it stands.</summary>
    public ModelGatewayView View(string endpoint, TimeSpan now) => new()
    {
        Endpoint = endpoint,
        Circuit = _breaker.StateAt(now),
        Running = _granted.Count,
        Slots = _slots,
        Queued = _queue.Count,
        Failures = _breaker.Failures,
    };

    /// <summary>Asks for a slot, or how an earlier request of the same ticket stands.</summary>
    public Admission Ask(Guid ticket, string asker, bool mayQueue, TimeSpan now)
    {
        Expire(now);
        if (_granted.TryGetValue(ticket, out var slot))
        {
            _granted[ticket] = slot with { Until = now + SlotLifetime };
            return new() { Kind = AdmissionKind.Granted };
        }

        if (!_breaker.Allows(now))
        {
            Leave(ticket);
            return new() { Kind = AdmissionKind.Open };
        }

        if (_granted.Count < _slots && _queue.Count == 0)
        {
            Grant(ticket, now);
            return new() { Kind = AdmissionKind.Granted };
        }

        if (!mayQueue)
            return new() { Kind = AdmissionKind.Queued, Ahead = _queue.Count };
        if (!_queue.Contains(ticket))
        {
            if (_queue.Count >= _queueLimit)
                return new() { Kind = AdmissionKind.Full };
            _queue.Enqueue(asker, ticket);
        }

        _placeUntil[ticket] = now + PlaceLifetime;
        return new() { Kind = AdmissionKind.Queued, Ahead = _queue.AheadOf(ticket) };
    }

    /// <summary>The ticket's slot is in use. One that is not known is from before a restart of the gateway, and counts again.</summary>
    public void Renew(Guid ticket, TimeSpan now)
    {
        var slot = _granted.GetValueOrDefault(ticket);
        _granted[ticket] = slot with { Until = now + SlotLifetime };
        Expire(now);
    }

    /// <summary>The ticket is given back.</summary>
    public void Release(Guid ticket, SlotOutcome outcome, TimeSpan now)
    {
        Leave(ticket);
        if (_granted.Remove(ticket, out var slot))
            _breaker = _breaker.End(outcome, slot.IsProbe, now);
        Expire(now);
        Admit(now);
    }

    /// <summary>Drops what was not renewed or asked for in time, and lets the next ones in.</summary>
    public void Expire(TimeSpan now)
    {
        foreach (var (ticket, slot) in _granted.Where(entry => entry.Value.Until <= now).ToList())
        {
            _granted.Remove(ticket);
            _breaker = _breaker.End(SlotOutcome.Unknown, slot.IsProbe, now);
        }

        foreach (var ticket in _placeUntil.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList())
            Leave(ticket);
        Admit(now);
    }

    /// <summary>Tickets that were granted a slot, or whose place is gone, since the last call: whoever waits for one should ask again.</summary>
    public IReadOnlyList<Guid> TakeChanged()
    {
        if (_changed.Count == 0)
            return [];
        Guid[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    private void Admit(TimeSpan now)
    {
        while (_granted.Count < _slots && _breaker.Allows(now) && _queue.TryDequeue(out var next))
        {
            _placeUntil.Remove(next);
            Grant(next, now);
            _changed.Add(next);
        }

        // Nobody waits for an endpoint that is left alone: all are sent to ask elsewhere.
        if (!_breaker.Allows(now))
        {
            foreach (var ticket in _queue.Items)
                Leave(ticket);
        }
    }

    private void Grant(Guid ticket, TimeSpan now)
    {
        (_breaker, var isProbe) = _breaker.Begin(now);
        _granted[ticket] = new(now + SlotLifetime, isProbe);
    }

    private void Leave(Guid ticket)
    {
        _placeUntil.Remove(ticket);
        if (_queue.Remove(ticket))
            _changed.Add(ticket);
    }

    private readonly record struct Slot(TimeSpan Until, bool IsProbe);
}
