using Microsoft.AspNetCore.Http.Metadata;

namespace Warroom.Frontend.Errors;

/// <summary>The top of every request: what is thrown below becomes a problem by <see cref="ErrorTable"/>, and so does a bare error status.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (ClientHasGone(context))
        {
            // Nobody is there to be told; a command that was given is done or not, and its operation id finds out.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            await AnswerAsync(context, exception);
            return;
        }

        if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null, ContentLength: null } && BareStatus(context) is { } refusal)
        {
            await ProblemWriter.WriteAsync(context, refusal);
        }
    }

    private static bool ClientHasGone(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested && context.Features.Get<Microsoft.AspNetCore.Http.Timeouts.IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested != true;

    private static bool IsCommand(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);

    private static Refusal? BareStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(StatusCodes.Status404NotFound, "request.no_such_path", $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed =>
            new(StatusCodes.Status405MethodNotAllowed, "request.method_not_allowed", $"{context.Request.Method} is not possible here; {context.Response.Headers.Allow} is."),
        StatusCodes.Status413PayloadTooLarge => BadRequests.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => BadRequests.MediaType,
        StatusCodes.Status400BadRequest => new(StatusCodes.Status400BadRequest, "request.malformed", "The request is not well-formed."),
        _ => null,
    };

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        var refusal = ErrorTable.Map(exception, IsCommand(context), context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType);
        if (refusal.IsFault)
        {
            LogFault(logger, context.Request.Method, context.Request.Path, exception);
        }
        else if (refusal.Status >= StatusCodes.Status500InternalServerError)
        {
            LogOutage(logger, context.Request.Method, context.Request.Path, refusal.Code, exception);
        }

        if (context.Response.HasStarted)
        {
            // Too late for an answer: a cut connection says that what was sent is not whole.
            context.Abort();
            return;
        }

        await ProblemWriter.WriteAsync(context, refusal);
    }
}
