using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Filters;
using Orleans.Embedded.Scheduling;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>Sends calls for the code of one silo or client.</summary>
internal sealed class CallSender(ProcessRuntime runtime, GrainId sourceId, Func<OutgoingFilters> filters, TimeSpan responseTimeout)
{
    private readonly long _timeoutMs = Milliseconds(responseTimeout);

    /// <summary>Who calls when no grain does.</summary>
    public GrainId SourceId => sourceId;

    public ProcessRuntime Runtime => runtime;

    public Task<TResult> Send<TResult>(GrainReference reference, GrainRequest<TResult> request)
    {
        var source = TurnScheduler.CurrentTurn;
        request.Reference = reference;
        request.Source = source;

        // A grain's calls go through its silo's filters, whoever made the reference that it calls.
        var outgoing = source is null ? filters() : source.Runtime.OutgoingFilters;
        return outgoing.HasWork ? outgoing.SendAsync(this, reference, request) : Submit(reference, request);
    }

    public Task<TResult> Submit<TResult>(GrainReference reference, GrainRequest<TResult> request)
    {
        request.Values = RequestContext.Values;
        runtime.Metrics.Calls.Increment();
        if (request.IsOneWay)
        {
            request.TryClaimAnswer();
            Route(reference, request);
            return OneWayResult<TResult>.Sent;
        }

        var task = request.CallerTask;
        request.Deadline = EngineClock.RealMs + (request.MethodInfo.ResponseTimeout is { } own ? Milliseconds(own) : _timeoutMs);
        Route(reference, request);
        return task;
    }

    private static long Milliseconds(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? long.MaxValue / 2 : (long)time.TotalMilliseconds;

    private void Route(GrainReference reference, GrainRequest request)
    {
        if (reference.Target is { } target && target.TryAccept(request)) return;
        runtime.Router.Route(request);
    }

    private static class OneWayResult<TResult>
    {
        public static readonly Task<TResult> Sent = Task.FromResult(default(TResult)!);
    }
}
