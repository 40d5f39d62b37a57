using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>The caller's cancellation and the time limits of one answer in one token, and afterwards the word which of them it was.</summary>
internal sealed class OllamaDeadline : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;
    private readonly TimeSpan _next;
    private string _waitedFor;
    private TimeSpan _limit;

    public OllamaDeadline(TimeProvider time, string waitedFor, TimeSpan first, TimeSpan next, CancellationToken caller)
    {
        _caller = caller;
        _waitedFor = waitedFor;
        _limit = first;
        _next = next;
        _late = new CancellationTokenSource(first, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _late.Token);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>A token came: the clock starts anew for the next.</summary>
    public void NextToken()
    {
        _limit = _next;
        _waitedFor = "next token";
        _late.CancelAfter(_next);
    }

    /// <summary>What a cancellation is to the caller: its own, as it is, or a failure of the model to be in time.</summary>
    public Exception Explain(OperationCanceledException cancelled) =>
        _caller.IsCancellationRequested
            ? new OperationCanceledException(cancelled.Message, cancelled, _caller)
            : new ModelException(ModelFailure.Timeout, $"Waited {_limit.TotalSeconds:0.###} s for the {_waitedFor}.", cancelled);

    public void Dispose()
    {
        _either.Dispose();
        _late.Dispose();
    }
}
