using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>
/// One call: header (target, method, deadline, what travels along) and body (the arguments, fields of the generated class). Within a
/// process the object itself goes from caller to callee; between processes header and body will be written by generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainRequest : IInvokable, IThreadPoolWorkItem
{
    private const int Open = 0;
    private const int Answered = 1;

    private int _answer;
    private object? _target;

    /// <summary>Which method.</summary>
    protected abstract GrainMethod Method { get; }

    // The header. Next, RunNext and RunPrevious belong to the scheduler that holds the request, under its lock.
    internal GrainReference? Reference { get; set; }

    internal TurnScheduler? Source { get; set; }

    internal RequestValues? Values { get; set; }

    internal Activity? ParentActivity { get; set; }

    internal long Deadline { get; set; } = long.MaxValue;

    /// <summary>Who has the request now: a scheduler of this process, or the connection on which it went to another.</summary>
    internal IRequestHolder? Holder { get; set; }

    /// <summary>How the call came here, if it came from another process; its answer goes back that way.</summary>
    internal InboundCall? Inbound { get; set; }

    internal GrainRequest? Next { get; set; }

    internal GrainRequest? RunNext { get; set; }

    internal GrainRequest? RunPrevious { get; set; }

    internal bool Started { get; set; }

    internal int Hops { get; set; }

    /// <summary>Whether it came back from another process without having been begun, and has not been sent again.</summary>
    internal bool IsTakenBack { get; set; }

    /// <summary>How many silos have handed the call on.</summary>
    internal byte Detours { get; set; }

    internal Exception? Failure { get; set; }

    internal GrainMethod MethodInfo => Method;

    internal virtual InvokeMethodOptions Options => Method.Options;

    internal bool IsOneWay => (Options & InvokeMethodOptions.OneWay) != InvokeMethodOptions.None;

    /// <summary>Whether the caller has its answer, or nobody waits any more.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answer) == Answered;

    /// <summary>Whether a deactivated activation hands the request on; timer ticks are dropped instead.</summary>
    internal virtual bool IsCall => true;

    internal object? Target => _target;

    /// <summary>Makes the call on the target, as a turn. True if it has ended; false if <see cref="TurnScheduler.Finished"/> will be told.</summary>
    internal abstract bool Begin(object target);

    /// <summary>Makes the call and gives its response; for filters.</summary>
    internal abstract ValueTask<Response> InvokeOn(object target);

    /// <summary>Takes a response that filters may have changed.</summary>
    internal abstract void SetResponse(Response response);

    /// <summary>Gives the caller what <see cref="Begin"/> left, unless it has an answer.</summary>
    internal abstract void DeliverAnswer();

    /// <summary>Writes the result that <see cref="Begin"/> left, for a caller in another process; a failure is written by <see cref="IWireSerializer.WriteException"/>.</summary>
    internal virtual void WriteResult(IWireSerializer serializer, IBufferWriter<byte> output) => throw new NotSupportedException($"{this} has no result.");

    /// <summary>Takes a result that came from another process; <see cref="DeliverAnswer"/> gives it to the caller.</summary>
    internal virtual void ReadResult(IWireSerializer serializer, ReadOnlySpan<byte> input) => throw new NotSupportedException($"{this} has no result.");

    /// <summary>Gives the call its two tokens. On the callee's side, where the caller's token is none, it is done when the call is read.</summary>
    internal virtual void PrepareCancellation(CancellationToken callerToken)
    {
    }

    /// <summary>Takes the right to answer; the first to take it answers.</summary>
    internal bool TryClaimAnswer() => Interlocked.CompareExchange(ref _answer, Answered, Open) == Open;

    /// <summary>Answers with an exception, from any thread; the caller goes on elsewhere.</summary>
    internal void Fail(Exception exception)
    {
        if (!TryClaimAnswer()) return;
        ThreadPool.UnsafeQueueUserWorkItem(static both => both.request.SetException(both.exception), (request: this, exception), preferLocal: false);
    }

    /// <summary>
    /// Says that the call was not begun. A caller in another process routes it again, to the silo that has the grain by then; one of this process gets the exception.
    /// </summary>
    internal void Refuse(Exception exception)
    {
        if (Inbound is not { } inbound || IsOneWay) Fail(exception);
        else if (TryClaimAnswer()) inbound.RefuseToBegin(this, exception);
    }

    internal abstract void SetException(Exception exception);

    /// <summary>The scheduler's way to answer on another thread.</summary>
    void IThreadPoolWorkItem.Execute() => DeliverAnswer();

    /// <summary>Cancels the callee's token, as a turn of the callee.</summary>
    internal virtual void CancelCallee()
    {
    }

    internal virtual void Release()
    {
    }

    internal void Bind(object target) => _target = target;

    /// <summary>The method's type arguments; generated where it is generic.</summary>
    public virtual Type[] TypeArguments => [];

    /// <summary>Writes the arguments; generated.</summary>
    /// <exception cref="NotSupportedException">It is work of the engine's own that stays where it is.</exception>
    public virtual void WriteArguments(ref WireWriter writer) => throw OnlyLocal();

    /// <summary>Reads the arguments until their end; generated.</summary>
    public virtual void ReadArguments(ref WireReader reader) => throw OnlyLocal();

    /// <inheritdoc/>
    public object? GetTarget() => _target;

    /// <inheritdoc/>
    public void SetTarget(ITargetHolder holder) => _target = holder.GetTarget<object>();

    /// <inheritdoc/>
    public ValueTask<Response> Invoke() => InvokeOn(_target ?? throw new InvalidOperationException("The call has no target yet."));

    /// <inheritdoc/>
    public virtual int GetArgumentCount() => 0;

    /// <inheritdoc/>
    public virtual object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    /// <inheritdoc/>
    public virtual void SetArgument(int index, object value) => throw new ArgumentOutOfRangeException(nameof(index));

    /// <inheritdoc/>
    public string GetMethodName() => Method.Name;

    /// <inheritdoc/>
    public string GetInterfaceName() => Method.InterfaceName;

    /// <inheritdoc/>
    public string GetActivityName() => Method.ActivityName;

    /// <inheritdoc/>
    public MethodInfo GetMethod() => Method.Method;

    /// <inheritdoc/>
    public Type GetInterfaceType() => Method.InterfaceType;

    /// <inheritdoc/>
    public TimeSpan? GetDefaultResponseTimeout() => Method.ResponseTimeout;

    /// <inheritdoc/>
    public virtual CancellationToken GetCancellationToken() => default;

    /// <inheritdoc/>
    public bool TryCancel()
    {
        if (!IsCancellable) return false;
        CancelCallee();
        return true;
    }

    /// <inheritdoc/>
    public virtual bool IsCancellable => false;

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);

    private NotSupportedException OnlyLocal() => new($"{this} is work within one process.");

    /// <inheritdoc/>
    public override string ToString() => $"{Method.InterfaceName}.{Method.Name} to {Reference?.GrainId}";
}
