using System.Diagnostics;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;

namespace Orleans.Embedded.Scheduling;

// The running of turns. Exactly one drain of a scheduler runs at a time: whoever sets _scheduled starts it, TakeNext ends it.
internal abstract partial class TurnScheduler
{
    /// <summary>After so many turns others get the thread.</summary>
    private const int TurnsPerDrain = 64;

    [ThreadStatic]
    private static Task? t_starting;

    /// <summary>Calls that ended in this drain and whose callers have no answer yet; linked by <see cref="GrainRequest.Next"/>.</summary>
    [ThreadStatic]
    private static GrainRequest? t_answers;

    private static readonly ExecutionContext CleanContext = CaptureCleanContext();
    private static readonly Action<object?> DrainAction = static state => ((TurnScheduler)state!).Drain();

    void IThreadPoolWorkItem.Execute()
    {
        // The task makes this scheduler the current one for everything that the turns start or await.
        var task = new Task(DrainAction, this, CancellationToken.None, TaskCreationOptions.DenyChildAttach);
        t_starting = task;
        task.RunSynchronously(this);
        Debug.Assert(task.IsCompletedSuccessfully, "A drain lets no exception escape.");

        // Outside of the task, so that callers' continuations do not inherit this scheduler, and after it has been released.
        // Callers wait for answers; what was published can go through the pool.
        if (t_answers is null)
        {
            TurnQueue.RunKept();
            return;
        }

        TurnQueue.HandOverKept();
        DeliverAnswers();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
    {
        if (ReferenceEquals(task, t_starting))
        {
            t_starting = null;
            return TryExecuteTask(task);
        }

        return !taskWasPreviouslyQueued && ReferenceEquals(t_current, this) && TryExecuteTask(task);
    }

    private static ExecutionContext CaptureCleanContext()
    {
        ExecutionContext? captured = null;
        var thread = new Thread(() => captured = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return captured!;
    }

    private void Drain()
    {
        t_current = this;
        var turns = 0;
        GrainRequest? ended = null;
        bool again;
        while (TakeNext(ended, ++turns > TurnsPerDrain, out var work, out var request, out again))
        {
            ended = null;
            if (t_answers is not null) HandOverAnswers();
            TurnQueue.HandOverKept();
            if (request is not null) ended = BeginCall(request) ? request : null;
            else if (work is Task task) TryExecuteTask(task);
            else if (work is GrainRequest endedElsewhere) ended = endedElsewhere;
            else RunWork((TurnWork)work!);
            if (ended is not null) AfterCall(ended);

            // A method that is not async can leave values of its flow behind; the next turn must not see them.
            if (!ReferenceEquals(ExecutionContext.Capture(), CleanContext)) ExecutionContext.Restore(CleanContext);
        }

        t_current = null;
        if (!again) return;
        HandOverAnswers();
        TurnQueue.HandOverKept();
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Under one lock: forgets the call that ended and takes what comes next. False ends the drain.</summary>
    private bool TakeNext(GrainRequest? ended, bool exhausted, out object? work, out GrainRequest? request, out bool again)
    {
        work = null;
        request = null;
        again = false;
        lock (_lock)
        {
            if (ended is not null) Unlink(ended);
            if (_work is { Count: > 0 } queue)
            {
                if (!exhausted)
                {
                    work = queue.Dequeue();
                    return true;
                }

                again = true;
                return false;
            }

            if (TakeLifecycleWork() is { } lifecycle)
            {
                work = lifecycle;
                return true;
            }

            if (_waitingFirst is not null && Admission is var admission and not Admission.None && TakeWaitingCall(admission) is { } call)
            {
                if (exhausted)
                {
                    call.Next = _waitingFirst;
                    _waitingFirst = call;
                    _waitingLast ??= call;
                    _waitingCount++;
                    again = true;
                    return false;
                }

                request = call;
                Link(call);
                return true;
            }

            _scheduled = false;
            return false;
        }
    }

    private GrainRequest? TakeWaitingCall(Admission admission)
    {
        GrainRequest? previous = null;
        var takeFirst = _runningCount == 0 && admission == Admission.All;
        for (var candidate = _waitingFirst; candidate is not null; previous = candidate, candidate = candidate.Next)
        {
            if (!takeFirst && !MayInterleave(candidate)) continue;
            if (previous is null) _waitingFirst = candidate.Next;
            else previous.Next = candidate.Next;
            if (ReferenceEquals(candidate, _waitingLast)) _waitingLast = previous;
            candidate.Next = null;
            _waitingCount--;
            return candidate;
        }

        return null;
    }

    private void Link(GrainRequest request)
    {
        request.Started = true;
        request.RunPrevious = null;
        request.RunNext = _running;
        if (_running is not null) _running.RunPrevious = request;
        _running = request;
        _runningCount++;
    }

    private void Unlink(GrainRequest request)
    {
        if (request.RunPrevious is { } previous) previous.RunNext = request.RunNext;
        else _running = request.RunNext;
        if (request.RunNext is { } next) next.RunPrevious = request.RunPrevious;
        request.RunNext = request.RunPrevious = null;
        _runningCount--;
    }

    private bool BeginCall(GrainRequest request)
    {
        // Cancelled or timed out while it waited: nobody wants the answer, so it does not run.
        if (request.IsAnswered && !request.IsOneWay) return true;
        if (request.Values is { } values) RequestContext.Values = values;
        try
        {
            return Begin(request);
        }
        catch (Exception exception)
        {
            // What the grain throws is in the request already: this is the way to the grain that failed, such as a filter that cannot be made.
            request.Failure = exception;
            return true;
        }
    }

    /// <summary>A call ended within a turn that was another piece of work.</summary>
    private void FinishInTurn(GrainRequest request)
    {
        AfterCall(request);
        lock (_lock) Unlink(request);
    }

    private void AfterCall(GrainRequest request)
    {
        OnFinished(request);
        if (!request.IsCall) return;
        if (request.Inbound is not null)
        {
            // To another process: it is written here and now, and leaves with others.
            request.DeliverAnswer();
            return;
        }

        request.Next = t_answers;
        t_answers = request;
    }

    private void RunWork(TurnWork work)
    {
        try
        {
            work.Run();
        }
        catch (Exception exception)
        {
            Runtime.OnWorkFailed(Describe(), exception);
        }
    }

    private static void HandOverAnswers()
    {
        for (var answer = t_answers; answer is not null;)
        {
            var next = answer.Next;
            answer.Next = null;
            ThreadPool.UnsafeQueueUserWorkItem(answer, preferLocal: true);
            answer = next;
        }

        t_answers = null;
    }

    /// <summary>The last thing on this thread: one caller goes on right here, which spares it the way through the pool.</summary>
    private static void DeliverAnswers()
    {
        if (t_answers is not { } last) return;
        t_answers = last.Next;
        last.Next = null;
        if (t_answers is not null) HandOverAnswers();
        last.DeliverAnswer();
    }
}
