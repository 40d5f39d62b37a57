namespace Warroom.Models;

/// <summary>
/// The circuit breaker's rule, pure: so many failures one after another open it; after a time one request, the probe, may try; its outcome closes it or opens it again.
/// While it is not closed only the probe's outcome counts. Times are those of a monotonic clock.
/// </summary>
public sealed record CircuitBreaker
{
    private readonly TimeSpan? _openUntil;
    private readonly bool _probing;

    /// <summary>Closed.</summary>
    public CircuitBreaker(int failuresMax, TimeSpan openTime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failuresMax, 1);
        FailuresMax = failuresMax;
        OpenTime = openTime;
    }

    /// <summary>Failures one after another that open it.</summary>
    public int FailuresMax { get; }

    /// <summary>How long it stays open.</summary>
    public TimeSpan OpenTime { get; }

    /// <summary>Failures one after another until now.</summary>
    public int Failures { get; private init; }

    /// <summary>How it stands.</summary>
    public CircuitState StateAt(TimeSpan now) => _openUntil is not { } until ? CircuitState.Closed : now < until ? CircuitState.Open : CircuitState.HalfOpen;

    /// <summary>Whether a request may begin.</summary>
    public bool Allows(TimeSpan now) => StateAt(now) switch
    {
        CircuitState.Closed => true,
        CircuitState.HalfOpen => !_probing,
        _ => false,
    };

    /// <summary>A request that is allowed begins; it is the probe if the circuit is half open.</summary>
    public (CircuitBreaker After, bool IsProbe) Begin(TimeSpan now)
    {
        if (!Allows(now))
            throw new InvalidOperationException($"The circuit is {StateAt(now)}; no request may begin.");
        return _openUntil is null ? (this, false) : (new(this, Failures, _openUntil, probing: true), true);
    }

    /// <summary>A request ended.</summary>
    public CircuitBreaker End(SlotOutcome outcome, bool wasProbe, TimeSpan now)
    {
        if (_openUntil is not null && !wasProbe)
            return this;
        return outcome switch
        {
            SlotOutcome.Succeeded => new(this, 0, null, probing: false),
            SlotOutcome.Failed when wasProbe || Failures + 1 >= FailuresMax => new(this, Failures + 1, now + OpenTime, probing: false),
            SlotOutcome.Failed => new(this, Failures + 1, null, probing: false),
            _ => new(this, Failures, _openUntil, probing: false),
        };
    }

    private CircuitBreaker(CircuitBreaker before, int failures, TimeSpan? openUntil, bool probing)
    {
        FailuresMax = before.FailuresMax;
        OpenTime = before.OpenTime;
        Failures = failures;
        _openUntil = openUntil;
        _probing = probing;
    }
}
