using Orleans.Embedded.Scheduling;

namespace Warroom.Simulation.Processes;

/// <summary>
/// A process in virtual time: everything that it does is an event on the one thread of the simulation, whether it is a continuation, a task, a timer or what the engine gives to the thread pool. What is due while it is paused
/// happens when it goes on; when it is dead nothing happens any more.
/// </summary>
internal class SimulatedProcess
{
    private readonly VirtualTime _time;
    private readonly Escapes _escapes;
    private readonly Context _context;
    private readonly Queue<Action> _held = new();
    private long _pausedUntilMs;
    private bool _isHolding;

    public SimulatedProcess(VirtualTime time, Escapes escapes, string name)
    {
        _time = time;
        _escapes = escapes;
        Name = name;
        _context = new Context(this);
        Scheduler = new ProcessScheduler(this);
        Clock = new ProcessClock(this);
    }

    public string Name { get; }

    public TaskScheduler Scheduler { get; }

    public TimeProvider Clock { get; }

    public VirtualTime Time => _time;

    public bool IsDead { get; private set; }

    public bool IsPaused => _pausedUntilMs > _time.NowMs;

    public override string ToString() => Name;

    public void Die()
    {
        IsDead = true;
        _held.Clear();
    }

    public void Pause(long ms)
    {
        _pausedUntilMs = Math.Max(_pausedUntilMs, _time.NowMs + ms);
        _time.After(ms, GoOn);
    }

    /// <summary>Ends a pause before its time.</summary>
    public void Resume()
    {
        _pausedUntilMs = 0;
        GoOn();
    }

    /// <summary>Has the process do something, as soon as nothing else is going on.</summary>
    public void Post(Action action)
    {
        if (_escapes.IsElsewhere()) return;
        _time.After(0, () => Execute(action));
    }

    public void After(long ms, Action action) => _time.After(ms, () => Execute(action));

    public Task Delay(long ms)
    {
        var done = new TaskCompletionSource();
        After(ms, () => done.TrySetResult());
        return done.Task;
    }

    /// <summary>Starts something asynchronous.</summary>
    public void Start(Func<Task> action, Action<Exception> onFailed) => Post(() => _ = RunAsync(action, onFailed));

    private static async Task RunAsync(Func<Task> action, Action<Exception> onFailed)
    {
        try
        {
            await action();
        }
        catch (Exception exception)
        {
            onFailed(exception);
        }
    }

    private void GoOn()
    {
        if (IsPaused || _isHolding || _held.Count == 0) return;
        _isHolding = true;
        _time.After(0, ReleaseHeld);
    }

    private void ReleaseHeld()
    {
        _isHolding = false;
        for (var left = _held.Count; left > 0 && !IsPaused && !IsDead && _held.TryDequeue(out var action); left--) Execute(action, wasHeld: true);
        GoOn();
    }

    private void Execute(Action action, bool wasHeld = false)
    {
        if (IsDead) return;
        if (IsPaused || (!wasHeld && _held.Count > 0))
        {
            _held.Enqueue(action);
            GoOn();
            return;
        }

        SynchronizationContext.SetSynchronizationContext(_context);
        var batch = WorkBatch.Begin();
        try
        {
            action();
        }
        finally
        {
            WorkBatch.EndCollecting();
            batch.HandOver(work => Post(work.Execute));
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private sealed class Context(SimulatedProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.Post(() => d(state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing waits for another thread here.");

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class ProcessScheduler(SimulatedProcess process) : TaskScheduler
    {
        public override int MaximumConcurrencyLevel => 1;

        protected override void QueueTask(Task task) => process.Post(() => TryExecuteTask(task));

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    private sealed class ProcessClock(SimulatedProcess process) : TimeProvider
    {
        private static readonly DateTimeOffset Begin = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => process._time.NowMs;

        public override DateTimeOffset GetUtcNow() => Begin.AddMilliseconds(process._time.NowMs);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new ProcessTimer(process, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class ProcessTimer(SimulatedProcess process, Action callback) : ITimer
    {
        private int _armed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var armed = ++_armed;
            if (dueTime != Timeout.InfiniteTimeSpan) Arm(armed, dueTime, period);
            return true;
        }

        public void Dispose() => _armed++;

        public ValueTask DisposeAsync()
        {
            _armed++;
            return default;
        }

        private void Arm(int armed, TimeSpan dueTime, TimeSpan period) => process.After((long)Math.Ceiling(dueTime.TotalMilliseconds), () =>
        {
            if (armed != _armed) return;
            if (period != Timeout.InfiniteTimeSpan) Arm(armed, period, period);
            callback();
        });
    }
}

/// <summary>Notices whatever leaves the simulation's thread: it would be neither in virtual time nor the same the next time.</summary>
internal sealed class Escapes
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _first;

    /// <summary>Where something first happened on another thread.</summary>
    public string? First => _first;

    public bool IsElsewhere()
    {
        if (Environment.CurrentManagedThreadId == _thread) return false;
        _first ??= Environment.StackTrace;
        return true;
    }
}
