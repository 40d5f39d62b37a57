namespace Warroom.Chaos;

/// <summary>What the proxy did: a nemesis that changed nothing shows here.</summary>
internal sealed class Counters
{
    private long _accepted;
    private long _refused;
    private long _reset;
    private long _heldBefore;
    private long _heldAfter;
    private long _garbage;
    private long _slowPatterns;
    private long _bytesUp;
    private long _bytesDown;

    public void Accepted() => Interlocked.Increment(ref _accepted);

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Reset() => Interlocked.Increment(ref _reset);

    public void HeldBefore() => Interlocked.Increment(ref _heldBefore);

    public void HeldAfter() => Interlocked.Increment(ref _heldAfter);

    public void SlowPattern() => Interlocked.Increment(ref _slowPatterns);

    public void Garbage(int bytes) => Interlocked.Add(ref _garbage, bytes);

    public void Passed(bool up, int bytes) => Interlocked.Add(ref up ? ref _bytesUp : ref _bytesDown, bytes);

    public ProxyState Read(int open, FaultPlan plan) => new()
    {
        Open = open,
        Accepted = Interlocked.Read(ref _accepted),
        Refused = Interlocked.Read(ref _refused),
        Reset = Interlocked.Read(ref _reset),
        HeldBefore = Interlocked.Read(ref _heldBefore),
        HeldAfter = Interlocked.Read(ref _heldAfter),
        GarbageBytes = Interlocked.Read(ref _garbage),
        SlowPatterns = Interlocked.Read(ref _slowPatterns),
        BytesUp = Interlocked.Read(ref _bytesUp),
        BytesDown = Interlocked.Read(ref _bytesDown),
        Plan = plan,
    };
}

/// <summary>The answer of <c>GET /state</c>.</summary>
public sealed record ProxyState
{
    /// <summary>Connections now.</summary>
    public required int Open { get; init; }

    /// <summary>Connections accepted so far.</summary>
    public required long Accepted { get; init; }

    /// <summary>Connections reset before they began.</summary>
    public required long Refused { get; init; }

    /// <summary>Connections reset later.</summary>
    public required long Reset { get; init; }

    /// <summary>Requests broken before they were passed on.</summary>
    public required long HeldBefore { get; init; }

    /// <summary>Requests broken after they were answered.</summary>
    public required long HeldAfter { get; init; }

    /// <summary>Bytes made up.</summary>
    public required long GarbageBytes { get; init; }

    /// <summary>Connections broken because a pattern took too long to be looked for: the pattern is at fault.</summary>
    public required long SlowPatterns { get; init; }

    /// <summary>Bytes passed to the server.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Bytes passed to clients.</summary>
    public required long BytesDown { get; init; }

    /// <summary>What is in force.</summary>
    public required FaultPlan Plan { get; init; }
}
