namespace Warroom.Testing;

/// <summary>
/// A clock that stands still until a test moves it. <see cref="Advance"/> fires every timer that falls due, in the order of
/// their due times (equal ones in the order they were armed), each with the clock at its due time. Callbacks run on the thread
/// that advances, outside of any lock, and may arm, change and dispose timers. Safe for use from many threads; one test should drive it.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly List<Waiter> _waiters = [];
    private DateTimeOffset _utcNow;
    private long _elapsedTicks;
    private long _lastOrder;

    /// <summary>Starts at noon UTC on 20 November 2026, or where it is told to.</summary>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _utcNow = start ?? new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait to fire.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    /// <summary>How long each timer that waits to fire has to wait.</summary>
    public IReadOnlyList<TimeSpan> ArmedWaits
    {
        get
        {
            lock (_gate)
            {
                return _armed.ConvertAll(timer => TimeSpan.FromTicks(timer.DueTicks - _elapsedTicks));
            }
        }
    }

    /// <summary>How long until the first timer fires; null when none is armed.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count == 0 ? null : TimeSpan.FromTicks(_armed.Min(timer => timer.DueTicks) - _elapsedTicks);
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _utcNow;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsedTicks;
        }
    }

    /// <summary>Moves the wall clock and the monotonic clock, and fires what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target;
        lock (_gate)
        {
            target = checked(_elapsedTicks + by.Ticks);
        }

        while (TakeNextDue(target) is { } timer)
        {
            timer.Fire();
        }

        lock (_gate)
        {
            MoveTo(target);
        }
    }

    /// <summary>Advances to the moment the first armed timer fires, and fires it.</summary>
    /// <exception cref="InvalidOperationException">No timer is armed.</exception>
    public void AdvanceToNextTimer() =>
        Advance(UntilNextTimer ?? throw new InvalidOperationException("No timer is armed, so there is nothing to advance to."));

    /// <summary>Sets the wall clock, as an operator or NTP does: the monotonic clock and the timers do not notice.</summary>
    public void SetWallClock(DateTimeOffset utcNow)
    {
        lock (_gate)
        {
            _utcNow = utcNow.ToUniversalTime();
        }
    }

    /// <summary>
    /// Completes as soon as a timer is armed whose time to wait satisfies the condition (at once if there is one). The barrier
    /// between code that is about to wait and the test that then advances: arm it, act, await it, advance.
    /// </summary>
    public Task WhenArmedAsync(Func<TimeSpan, bool>? dueIn = null)
    {
        var waiter = new Waiter(dueIn ?? (_ => true));
        lock (_gate)
        {
            if (_armed.Exists(timer => waiter.Accepts(TimeSpan.FromTicks(timer.DueTicks - _elapsedTicks))))
            {
                return Task.CompletedTask;
            }

            _waiters.Add(waiter);
        }

        return Eventually.CompletesAsync("a timer to be armed on the manual clock", waiter.Task);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeNextDue(long target)
    {
        lock (_gate)
        {
            var next = _armed.Where(timer => timer.DueTicks <= target).OrderBy(timer => timer.DueTicks).ThenBy(timer => timer.Order).FirstOrDefault();
            if (next is null)
            {
                return null;
            }

            MoveTo(Math.Max(next.DueTicks, _elapsedTicks));
            if (next.PeriodTicks > 0)
            {
                Arm(next, next.DueTicks + next.PeriodTicks);
            }
            else
            {
                _armed.Remove(next);
            }

            return next;
        }
    }

    private void MoveTo(long ticks)
    {
        if (ticks > _elapsedTicks)
        {
            _utcNow = _utcNow.AddTicks(ticks - _elapsedTicks);
            _elapsedTicks = ticks;
        }
    }

    private void Arm(ManualTimer timer, long dueTicks)
    {
        timer.DueTicks = dueTicks;
        timer.Order = ++_lastOrder;
        if (!_armed.Contains(timer))
        {
            _armed.Add(timer);
        }

        var dueIn = TimeSpan.FromTicks(dueTicks - _elapsedTicks);
        foreach (var waiter in _waiters.Where(waiter => waiter.Accepts(dueIn)).ToList())
        {
            _waiters.Remove(waiter);
            waiter.Complete();
        }
    }

    private sealed class Waiter(Func<TimeSpan, bool> dueIn)
    {
        private readonly TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _armed.Task;

        public bool Accepts(TimeSpan time) => dueIn(time);

        public void Complete() => _armed.TrySetResult();
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        // As a system timer does: what was current when the timer was made is current in its callback.
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private bool _disposed;

        public long DueTicks { get; set; }

        public long PeriodTicks { get; private set; }

        public long Order { get; set; }

        public void Fire()
        {
            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, _ => callback(state), null);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Validate(dueTime, nameof(dueTime));
            Validate(period, nameof(period));
            lock (owner._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    owner._armed.Remove(this);
                    return true;
                }

                owner.Arm(this, owner._elapsedTicks + dueTime.Ticks);
            }

            // As on the system's clock, a timer that is due now fires by itself, on another thread.
            if (dueTime == TimeSpan.Zero)
            {
                ThreadPool.QueueUserWorkItem(static clock => clock.Advance(TimeSpan.Zero), owner, preferLocal: false);
            }

            return true;
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                _disposed = true;
                owner._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static void Validate(TimeSpan value, string name)
        {
            if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, value, "A timer's times are zero or more, or infinite.");
            }
        }
    }
}
