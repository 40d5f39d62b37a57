using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Scheduling;

/// <summary>
/// Runs the turns of one activation or observer, one at a time, on pool threads. It is the <see cref="TaskScheduler"/> of its turns, so that awaits
/// come back to it. A turn is a call up to its first incomplete await, or a continuation. Calls wait in order; continuations go first.
/// </summary>
internal abstract partial class TurnScheduler : TaskScheduler, IThreadPoolWorkItem, ICallTarget, IRequestHolder, IWatched
{
    private const int HopsMax = 10;

    [ThreadStatic]
    private static TurnScheduler? t_current;

    private readonly Lock _lock = new();
    private Queue<object>? _work;
    private GrainRequest? _waitingFirst;
    private GrainRequest? _waitingLast;
    private GrainRequest? _running;
    private int _waitingCount;
    private int _runningCount;
    private bool _scheduled;
    private bool _watched;

    /// <summary>The scheduler whose turn runs on this thread.</summary>
    public static TurnScheduler? CurrentTurn => t_current;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Guards the queues and, in derived classes, the state that decides what may run.</summary>
    protected Lock Gate => _lock;

    protected int RunningCount => _runningCount;

    protected int WaitingCount => _waitingCount;

    protected GrainRequest? FirstRunning => _running;

    protected GrainRequest? FirstWaiting => _waitingFirst;

    internal abstract ProcessRuntime Runtime { get; }

    /// <summary>The object that calls are made on.</summary>
    protected abstract object? Instance { get; }

    public bool TryAccept(GrainRequest request)
    {
        bool schedule;
        var watch = false;
        lock (_lock)
        {
            if (!IsOpen) return false;
            if (_waitingCount >= Runtime.WaitingCallsMax && request.IsCall)
            {
                schedule = false;
                request.Next = null;
                Runtime.Metrics.Refused.Add(1);
                request.Fail(new LimitExceededException("waiting calls", _waitingCount, Runtime.WaitingCallsMax, Describe()));
                return true;
            }

            request.Holder = this;
            request.Next = null;
            if (_waitingLast is null) _waitingFirst = request;
            else _waitingLast.Next = request;
            _waitingLast = request;
            _waitingCount++;
            schedule = !_scheduled && (_runningCount == 0 || MayInterleaveLater(request));
            if (schedule) _scheduled = true;
            if (!_watched) _watched = watch = true;
        }

        if (watch) Runtime.Watch.Add(this);
        if (schedule) Schedule();
        return true;
    }

    /// <summary>Runs an action as a turn of its own; it does not wait for running calls.</summary>
    public void Post(TurnWork work) => Enqueue(work);

    /// <summary>A call's task has completed; from its turn or from another thread.</summary>
    public void Finished(GrainRequest request)
    {
        if (ReferenceEquals(t_current, this)) FinishInTurn(request);
        else Enqueue(request);
    }

    /// <summary>Cancels the token of a call that runs here; one that waits is dropped when its turn comes.</summary>
    public void CancelRunning(GrainRequest request)
    {
        lock (_lock)
        {
            if (!request.Started) return;
        }

        Post(new CancelWork(request));
    }

    /// <summary>Answers calls whose time is up. False when nothing is left to watch.</summary>
    public bool CheckDeadlines(long now)
    {
        List<GrainRequest>? late = null;
        bool watch;
        lock (_lock)
        {
            for (var request = _running; request is not null; request = request.RunNext)
                if (request.Deadline <= now && !request.IsAnswered) (late ??= []).Add(request);
            for (var request = _waitingFirst; request is not null; request = request.Next)
                if (request.Deadline <= now && !request.IsAnswered) (late ??= []).Add(request);
            watch = _watched = _runningCount > 0 || _waitingCount > 0 || NeedsWatching;
        }

        if (late is not null)
            foreach (var request in late)
                TimeOut(request);
        OnWatched(now);
        return watch;
    }

    protected override void QueueTask(Task task) => Enqueue(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock) return _work?.OfType<Task>().ToArray() ?? [];
    }

    /// <summary>Whether requests are accepted. Asked under <see cref="Gate"/>.</summary>
    protected abstract bool IsOpen { get; }

    /// <summary>Which waiting calls may begin now. Asked under <see cref="Gate"/>.</summary>
    protected abstract Admission Admission { get; }

    /// <summary>Work of the life cycle that is due. Asked under <see cref="Gate"/> when no continuation waits.</summary>
    protected virtual TurnWork? TakeLifecycleWork() => null;

    /// <summary>Whether the request may begin while others run. Asked under <see cref="Gate"/>, in the scheduler's turn.</summary>
    protected virtual bool MayInterleave(GrainRequest request) => false;

    /// <summary>Whether it is worth asking <see cref="MayInterleave"/>. Asked under <see cref="Gate"/>, from any thread.</summary>
    protected virtual bool MayInterleaveLater(GrainRequest request) => false;

    /// <summary>A call has ended; in its turn.</summary>
    protected virtual void OnFinished(GrainRequest request)
    {
    }

    /// <summary>Whether <see cref="OnWatched"/> has something to do although no call is there.</summary>
    protected virtual bool NeedsWatching => false;

    protected virtual void OnWatched(long now)
    {
    }

    protected abstract string Describe();

    /// <summary>Begins a call; true if it has ended.</summary>
    protected virtual bool Begin(GrainRequest request) => request.Begin(Instance!);

    /// <summary>Lets the scheduler look for work.</summary>
    protected void Wake()
    {
        lock (_lock)
        {
            if (_scheduled) return;
            _scheduled = true;
        }

        Schedule();
    }

    /// <summary>Has the deadlines of this scheduler looked at, for <see cref="OnWatched"/>.</summary>
    protected void StartWatching()
    {
        lock (_lock)
        {
            if (_watched) return;
            _watched = true;
        }

        Runtime.Watch.Add(this);
    }

    /// <summary>Takes all waiting requests. Call it under <see cref="Gate"/>.</summary>
    protected GrainRequest? TakeWaiting()
    {
        var first = _waitingFirst;
        _waitingFirst = _waitingLast = null;
        _waitingCount = 0;
        return first;
    }

    /// <summary>Takes over the requests of a predecessor before anybody knows this scheduler.</summary>
    protected void Inherit(GrainRequest? first)
    {
        for (var request = first; request is not null;)
        {
            var next = request.Next;
            request.Next = null;
            if (++request.Hops > HopsMax) request.Fail(new OrleansMessageRejectionException($"{request}: {HopsMax} activations in a row ended before they answered."));
            else if (request.IsCall) TryAccept(request);
            request = next;
        }
    }

    private void TimeOut(GrainRequest request)
    {
        Runtime.Metrics.TimedOut.Add(1);
        request.Fail(new TimeoutException($"Response did not arrive on time for {request} ({(request.Started ? "it runs" : "it waits")} in {Describe()})."));
        if (Runtime.CancelOnTimeout) CancelRunning(request);
    }

    private void Enqueue(object work)
    {
        lock (_lock)
        {
            (_work ??= new Queue<object>(2)).Enqueue(work);
            if (_scheduled) return;
            _scheduled = true;
        }

        Schedule();
    }

    private void Schedule() => TurnQueue.Schedule(this);
}
