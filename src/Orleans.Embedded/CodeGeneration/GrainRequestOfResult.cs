using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>The result of a method that returns nothing.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct NoResult;

/// <summary>A call with a result. The caller's task is the request's own: no completion source beside it.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainRequest<TResult> : GrainRequest
{
    private AsyncTaskMethodBuilder<TResult> _caller;
    private TResult? _result;
    private Task? _pending;
    private RequestCancellation? _cancellation;

    /// <summary>What the caller awaits. The builder makes the task at the first reading, so that is done before the request is sent.</summary>
    internal Task<TResult> CallerTask => _caller.Task;

    /// <summary>Makes the call.</summary>
    private protected abstract Task InvokeInner(object target);

    /// <summary>The result of a task that <see cref="InvokeInner"/> returned and that ran to its end.</summary>
    private protected abstract TResult Read(Task task);

    /// <summary>The token that a cancellable method gets.</summary>
    protected CancellationToken Token => _cancellation?.Token ?? default;

    /// <inheritdoc/>
    public override CancellationToken GetCancellationToken() => Token;

    internal override void WriteResult(IWireSerializer serializer, IBufferWriter<byte> output) => serializer.Write(output, _result!);

    internal override void ReadResult(IWireSerializer serializer, ReadOnlySpan<byte> input) => _result = serializer.Read<TResult>(input);

    internal override void PrepareCancellation(CancellationToken callerToken) => _cancellation = new RequestCancellation(this, callerToken);

    internal override bool Begin(object target)
    {
        Task task;
        try
        {
            task = InvokeInner(target) ?? throw new InvalidOperationException($"{this} returned null in place of a task.");
        }
        catch (Exception exception)
        {
            Failure = exception;
            return true;
        }

        if (task.IsCompletedSuccessfully)
        {
            _result = Read(task);
            return true;
        }

        _pending = task;
        if (task.IsCompleted)
        {
            TakePending();
            return true;
        }

        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(OnPendingCompleted);
        return false;
    }

    internal override ValueTask<Response> InvokeOn(object target)
    {
        Task task;
        try
        {
            task = InvokeInner(target) ?? throw new InvalidOperationException($"{this} returned null in place of a task.");
        }
        catch (Exception exception)
        {
            return new(Response.FromException(exception));
        }

        return task.IsCompletedSuccessfully ? new(ToResponse(Read(task))) : ResponseAsync(task);
    }

    internal override void SetResponse(Response response)
    {
        Failure = response.Exception;
        if (Failure is not null) return;
        try
        {
            _result = typeof(TResult) == typeof(NoResult) ? default : response.GetResult<TResult>();
        }
        catch (InvalidCastException exception)
        {
            Failure = exception;
        }
    }

    internal override void DeliverAnswer()
    {
        Release();
        if (!TryClaimAnswer()) return;
        if (Inbound is { } inbound) inbound.Answer(this);
        else if (Failure is { } failure) _caller.SetException(failure);
        else _caller.SetResult(_result!);
    }

    internal override void SetException(Exception exception)
    {
        Release();
        if (Inbound is not { } inbound)
        {
            _caller.SetException(exception);
            return;
        }

        Failure = exception;
        inbound.Answer(this);
    }

    internal override void CancelCallee() => _cancellation?.Cancel();

    internal override void Release() => _cancellation?.Unregister();

    /// <summary>Filters see null where a method returns nothing.</summary>
    internal static Response ToResponse(TResult result) =>
        typeof(TResult) == typeof(NoResult) ? Response.Completed : Response.FromResult(result);

    private async ValueTask<Response> ResponseAsync(Task task)
    {
        try
        {
            await task;
            return ToResponse(Read(task));
        }
        catch (Exception exception)
        {
            return Response.FromException(exception);
        }
    }

    private void OnPendingCompleted()
    {
        TakePending();
        Holder!.Finished(this);
    }

    private void TakePending()
    {
        var task = _pending!;
        _pending = null;
        if (task.IsCompletedSuccessfully) _result = Read(task);
        else Failure = Tasks.Failure(task);
    }
}
