using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Errors;

/// <summary>Writes refusals as problem details.</summary>
internal static class ProblemWriter
{
    public static Task WriteAsync(HttpContext context, Refusal refusal)
    {
        var response = context.Response;
        response.StatusCode = refusal.Status;
        response.Headers.Remove(HeaderNames.ETag);
        response.Headers[HeaderNames.CacheControl] = "no-store";
        if (refusal.RetryAfter is { } after)
        {
            response.Headers[HeaderNames.RetryAfter] = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(Describe(context, refusal), FrontendJson.Wire.Problem, "application/problem+json", CancellationToken.None);
    }

    /// <summary>What finds this request in logs and traces.</summary>
    public static string TraceId(HttpContext? context) => Activity.Current?.TraceId.ToHexString() ?? context?.TraceIdentifier ?? "none";

    private static Problem Describe(HttpContext context, Refusal refusal) => new()
    {
        Type = $"https://warroom.dev/problems/{refusal.Code}",
        Title = ReasonPhrases.GetReasonPhrase(refusal.Status),
        Status = refusal.Status,
        Detail = refusal.Sentence,
        Code = refusal.Code,
        TraceId = TraceId(context),
        Error = refusal.Sentence,
        OperationId = refusal.Status is StatusCodes.Status504GatewayTimeout or StatusCodes.Status500InternalServerError ? Caller.OperationOf(context) : null,
    };
}
