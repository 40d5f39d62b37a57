using Warroom;

namespace Orleans.Embedded;

/// <summary>
/// The engine's two clocks, both in milliseconds. Answers of calls are waited for in real time, whatever clock a test gives: a test that moves its
/// clock must not time its own calls out. Idleness is measured by the given clock.
/// </summary>
internal sealed class EngineClock(TimeProvider timeProvider)
{
    private readonly bool _system = ReferenceEquals(timeProvider, TimeProvider.System);
    private readonly long _start = timeProvider.GetTimestamp();

    public TimeProvider TimeProvider => timeProvider;

    /// <summary>Real time: of a clock that nobody sets.</summary>
    public static long RealMs => Guards.MonotonicClock ? Environment.TickCount64 : System.TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The given clock's time.</summary>
    public long NowMs => _system ? Environment.TickCount64 : (long)timeProvider.GetElapsedTime(_start).TotalMilliseconds;
}
