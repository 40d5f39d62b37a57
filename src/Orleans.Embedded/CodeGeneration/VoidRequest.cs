using System.ComponentModel;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>A call of an observer's method that returns nothing.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class VoidRequest : GrainRequest<NoResult>
{
    /// <summary>Makes the call; generated.</summary>
    protected abstract void Call(object target);

    private protected sealed override Task InvokeInner(object target)
    {
        Call(target);
        return Task.CompletedTask;
    }

    private protected sealed override NoResult Read(Task task) => default;
}
