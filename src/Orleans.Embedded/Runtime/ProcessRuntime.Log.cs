using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Embedded;

internal abstract partial class ProcessRuntime
{
    [LoggerMessage(1001, LogLevel.Error, "Work of {Where} failed.")]
    private partial void LogWorkFailed(string where, Exception exception);

    [LoggerMessage(1002, LogLevel.Error, "A timer of grain {GrainId} failed.")]
    private partial void LogTimerFailed(GrainId grainId, Exception exception);

    [LoggerMessage(1005, LogLevel.Warning, "Stream provider {Provider}: subscriber {Subscription} failed, attempt {Attempt}.")]
    private partial void LogStreamFailed(string provider, Guid subscription, int attempt, Exception exception);
}
