using System.Diagnostics;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;

namespace Orleans.Embedded.Filters;

/// <summary>
/// Activities of calls, in the sources that Orleans names. While nobody listens a call costs one test here and allocates nothing.
/// </summary>
internal static class CallActivities
{
    private static readonly ActivitySource Runtime = new("Microsoft.Orleans.Runtime");
    private static readonly ActivitySource Application = new("Microsoft.Orleans.Application");

    /// <summary>Whether a call may have to carry an activity.</summary>
    public static bool MayFlow => Application.HasListeners() || Runtime.HasListeners();

    public static Activity? StartOutgoing(GrainRequest request)
    {
        var activity = SourceOf(request).StartActivity(request.GetActivityName(), ActivityKind.Client);
        Describe(activity, request);
        return activity;
    }

    public static Activity? StartIncoming(GrainRequest request)
    {
        var activity = SourceOf(request).StartActivity(
            request.GetActivityName(), ActivityKind.Server, request.ParentActivity?.Context ?? request.Inbound?.Trace ?? default);
        Describe(activity, request);
        return activity;
    }

    public static void SetFailure(Activity? activity, Exception exception)
    {
        if (activity is null) return;
        activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity.SetTag("exception.type", exception.GetType().FullName);
        activity.SetTag("exception.message", exception.Message);
    }

    private static ActivitySource SourceOf(GrainRequest request) =>
        request.GetInterfaceName().StartsWith("Orleans.", StringComparison.Ordinal) ? Runtime : Application;

    private static void Describe(Activity? activity, GrainRequest request)
    {
        if (activity is not { IsAllDataRequested: true }) return;
        activity.SetTag("rpc.system", "orleans");
        activity.SetTag("rpc.service", request.GetInterfaceName());
        activity.SetTag("rpc.method", request.GetMethodName());
        activity.SetTag("rpc.orleans.target_id", request.Reference!.GrainId.ToString());
    }
}
