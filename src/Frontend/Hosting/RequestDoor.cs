using Warroom.Frontend.Errors;
using Warroom.Hosting;

namespace Warroom.Frontend.Hosting;

/// <summary>Lets requests to the API in until the process begins to stop; those that are in are counted, so that they can finish. Hub connections, health, metrics and the page's files pass by.</summary>
internal sealed class RequestDoor(RequestDelegate next, InFlight inFlight)
{
    private static readonly PathString Api = "/api";
    private static readonly PathString Hubs = "/hubs";
    private static readonly PathString Health = "/api/health";

    private static readonly Refusal Leaving = new(
        StatusCodes.Status503ServiceUnavailable,
        "warroom.leaving",
        "This front end is stopping and nothing was written. Another one answers; try again.",
        TimeSpan.FromSeconds(1));

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments(Hubs, StringComparison.OrdinalIgnoreCase))
        {
            return inFlight.IsClosed ? RefuseAsync(context) : next(context);
        }

        return path.StartsWithSegments(Api, StringComparison.OrdinalIgnoreCase) && !path.StartsWithSegments(Health, StringComparison.OrdinalIgnoreCase)
            ? CountAsync(context)
            : next(context);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return ProblemWriter.WriteAsync(context, Leaving);
    }

    private async Task CountAsync(HttpContext context)
    {
        if (!inFlight.TryEnter())
        {
            await RefuseAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            inFlight.Exit();
        }
    }
}
