using Microsoft.AspNetCore.SignalR;
using Warroom.Frontend.Errors;

namespace Warroom.Frontend.Live;

/// <summary>The top of every hub call: what is thrown below becomes a <see cref="HubException"/> <c>code: sentence</c> by the same table as for REST.</summary>
internal sealed partial class HubErrors(ILogger<HubErrors> logger) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (HubException)
        {
            throw;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var refusal = ErrorTable.Map(exception, isCommand: !invocationContext.HubMethodName.Contains("atch", StringComparison.Ordinal));
            var traceId = ProblemWriter.TraceId(context: null);
            if (refusal.IsFault)
            {
                LogFault(invocationContext.HubMethodName, exception);
                throw new HubException($"{refusal.Code}: {refusal.Sentence} ({traceId})", exception);
            }

            if (refusal.Status >= StatusCodes.Status500InternalServerError)
            {
                LogOutage(invocationContext.HubMethodName, refusal.Code, exception);
            }

            throw new HubException($"{refusal.Code}: {refusal.Sentence}", exception);
        }
    }
}
