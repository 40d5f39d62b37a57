using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>A call of a method that returns <see cref="Task{TResult}"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class TaskRequest<TResult> : GrainRequest<TResult>
{
    /// <summary>Makes the call; generated.</summary>
    protected abstract Task<TResult> Call(object target);

    private protected sealed override Task InvokeInner(object target) => Call(target);

    private protected sealed override TResult Read(Task task) => Unsafe.As<Task<TResult>>(task).Result;
}

/// <summary>A call of a method that returns <see cref="Task"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class TaskRequest : GrainRequest<NoResult>
{
    /// <summary>Makes the call; generated.</summary>
    protected abstract Task Call(object target);

    private protected sealed override Task InvokeInner(object target) => Call(target);

    private protected sealed override NoResult Read(Task task) => default;
}

/// <summary>A call of a method that returns <see cref="ValueTask{TResult}"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ValueTaskRequest<TResult> : GrainRequest<TResult>
{
    /// <summary>Makes the call; generated.</summary>
    protected abstract ValueTask<TResult> Call(object target);

    private protected sealed override Task InvokeInner(object target) => Call(target).AsTask();

    private protected sealed override TResult Read(Task task) => Unsafe.As<Task<TResult>>(task).Result;
}

/// <summary>A call of a method that returns <see cref="ValueTask"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ValueTaskRequest : GrainRequest<NoResult>
{
    /// <summary>Makes the call; generated.</summary>
    protected abstract ValueTask Call(object target);

    private protected sealed override Task InvokeInner(object target) => Call(target).AsTask();

    private protected sealed override NoResult Read(Task task) => default;
}
