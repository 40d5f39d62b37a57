using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.Filters;

/// <summary>The filters of calls that arrive in a silo, and the activities of these calls.</summary>
internal sealed class IncomingFilters(IReadOnlyList<IIncomingGrainCallFilter> filters, bool flowActivities)
{
    /// <summary>Whether calls need more than their method.</summary>
    public bool HasWork => filters.Count > 0 || (flowActivities && CallActivities.MayFlow);

    /// <summary>Begins a call through the filters, in the activation's turn; true if it has ended.</summary>
    public bool BeginIncoming(ActivationContext activation, GrainRequest request)
    {
        var activity = flowActivities && CallActivities.MayFlow ? CallActivities.StartIncoming(request) : null;
        var run = Run(activation, request, activity);
        if (run.IsCompleted) return true;
        run.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => activation.Finished(request));
        return false;
    }

    /// <summary>Most calls end as soon as they have begun; then this takes no state machine and no task.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a filter or grain throws is the answer to the call.")]
    private Task Run(ActivationContext activation, GrainRequest request, Activity? activity)
    {
        request.Bind(activation.GrainInstance!);
        var context = new IncomingCallContext(request, activation, filters);
        Task call;
        try
        {
            call = context.Invoke();
        }
        catch (Exception exception)
        {
            call = Task.FromException(exception);
        }

        if (activity is not null || !call.IsCompletedSuccessfully) return EndAsync(call, context, request, activity);
        request.SetResponse(context.Response ?? Response.Completed);
        return Task.CompletedTask;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a filter or grain throws is the answer to the call.")]
    private static async Task EndAsync(Task call, IncomingCallContext context, GrainRequest request, Activity? activity)
    {
        using (activity)
        {
            try
            {
                await call;
                request.SetResponse(context.Response ?? Response.Completed);
            }
            catch (Exception exception)
            {
                CallActivities.SetFailure(activity, exception);
                request.SetResponse(Response.FromException(exception));
            }
        }
    }
}
