using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Scheduling;
using Orleans.Runtime;

namespace Orleans.Embedded.Observers;

/// <summary>Calls an observer, one call after the other and in order.</summary>
internal sealed class ObserverContext(ProcessRuntime runtime, GrainId id, object observer) : TurnScheduler
{
    private readonly WeakReference<object> _observer = new(observer);
    private volatile bool _closed;

    public GrainId GrainId => id;

    public object? Observer => _observer.TryGetTarget(out var target) ? target : null;

    internal override ProcessRuntime Runtime => runtime;

    protected override object? Instance => Observer;

    protected override bool IsOpen => !_closed && Observer is not null;

    protected override Admission Admission => Admission.All;

    public void Close()
    {
        _closed = true;
        GrainRequest? waiting;
        lock (Gate) waiting = TakeWaiting();
        for (; waiting is not null; waiting = waiting.Next) waiting.Fail(Gone());
    }

    protected override bool Begin(GrainRequest request)
    {
        if (Observer is { } target) return request.Begin(target);
        request.Failure = Gone();
        return true;
    }

    protected override string Describe() => $"observer {id}";

    private ClientNotAvailableException Gone() => new($"Observer {id} is gone: it was deleted, or nobody keeps its object alive.");
}
