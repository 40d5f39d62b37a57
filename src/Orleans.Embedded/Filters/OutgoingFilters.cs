using System.Diagnostics;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Filters;

/// <summary>The filters of calls that leave a silo or client, and the activities of these calls.</summary>
internal sealed class OutgoingFilters(IReadOnlyList<IOutgoingGrainCallFilter> filters, bool flowActivities)
{
    /// <summary>Whether calls need more than to be sent.</summary>
    public bool HasWork => filters.Count > 0 || (flowActivities && CallActivities.MayFlow);

    public async Task<TResult> SendAsync<TResult>(CallSender sender, GrainReference reference, GrainRequest<TResult> request)
    {
        using var activity = flowActivities && CallActivities.MayFlow ? CallActivities.StartOutgoing(request) : null;
        request.ParentActivity = flowActivities ? activity ?? Activity.Current : null;
        try
        {
            if (filters.Count == 0) return await sender.Submit(reference, request);
            var context = new OutgoingCallContext<TResult>(sender, reference, request, filters);
            await context.Invoke();
            return context.Response is { } response && typeof(TResult) != typeof(NoResult) ? response.GetResult<TResult>() : default!;
        }
        catch (Exception exception)
        {
            CallActivities.SetFailure(activity, exception);
            throw;
        }
    }
}
