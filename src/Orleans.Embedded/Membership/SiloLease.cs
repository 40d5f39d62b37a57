using Warroom;

namespace Orleans.Embedded.Membership;

/// <summary>
/// Whether the silo may serve: until a moment of the process's monotonic clock, which each renewal moves. Asked at every use, so that a process that
/// was stopped, or had no thread free, serves nothing afterwards that it must not. Free of any lease until <see cref="Begin"/>.
/// </summary>
internal sealed class SiloLease
{
    private long _deadlineMs = long.MaxValue;

    /// <summary>Whether the lease holds now.</summary>
    public bool Holds => Volatile.Read(ref _deadlineMs) is var deadline && (deadline == long.MaxValue || EngineClock.RealMs < deadline || !Guards.Lease);

    /// <summary>How long the lease still holds; null without one.</summary>
    public TimeSpan? Left => Volatile.Read(ref _deadlineMs) is var deadline && deadline == long.MaxValue
        ? null : TimeSpan.FromMilliseconds(Math.Max(0, deadline - EngineClock.RealMs));

    /// <summary>From now on the silo serves by lease, and has none yet.</summary>
    public void Begin() => Volatile.Write(ref _deadlineMs, long.MinValue);

    public void HoldUntil(long deadlineMs) => Volatile.Write(ref _deadlineMs, deadlineMs);

    /// <summary>The lease holds no more, and never will.</summary>
    public void Drop() => Volatile.Write(ref _deadlineMs, long.MinValue);
}
