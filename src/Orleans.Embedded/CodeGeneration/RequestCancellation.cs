using System.Diagnostics.CodeAnalysis;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>The two tokens of a cancellable call: the caller's, which ends the waiting, and the callee's, which is cancelled as its turn.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without timer and links holds nothing to dispose; the callee may keep its token.")]
internal sealed class RequestCancellation
{
    private readonly CancellationTokenSource _callee = new();
    private readonly GrainRequest _request;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenRegistration _registration;

    public RequestCancellation(GrainRequest request, CancellationToken caller)
    {
        _request = request;
        _caller = caller;
        if (caller.CanBeCanceled) _registration = caller.UnsafeRegister(static state => ((RequestCancellation)state!).OnCallerCancelled(), this);
    }

    public CancellationToken Token => _callee.Token;

    public void Cancel() => _callee.Cancel();

    public void Unregister() => _registration.Unregister();

    /// <summary>The caller is answered at once. A request that waits is dropped when its turn comes; one that runs has its token cancelled.</summary>
    private void OnCallerCancelled()
    {
        _request.Fail(new OperationCanceledException(_caller));
        _request.Holder?.CancelRunning(_request);
    }
}
