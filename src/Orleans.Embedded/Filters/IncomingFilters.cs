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
        var run = RunAsync(activation, request);
        if (run.IsCompleted) return true;
        run.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => activation.Finished(request));
        return false;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a filter or grain throws is the answer to the call.")]
    private async Task RunAsync(ActivationContext activation, GrainRequest request)
    {
        using var activity = flowActivities && CallActivities.MayFlow ? CallActivities.StartIncoming(request) : null;
        request.Bind(activation.GrainInstance!);
        var context = new IncomingCallContext(request, activation, filters);
        try
        {
            await context.Invoke();
            request.SetResponse(context.Response ?? Response.Completed);
        }
        catch (Exception exception)
        {
            CallActivities.SetFailure(activity, exception);
            request.SetResponse(Response.FromException(exception));
        }
    }
}
