using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Embedded;

internal sealed partial class SiloRuntime
{
    [LoggerMessage(1003, LogLevel.Warning, "Grain {GrainId} could not be activated.")]
    private partial void LogActivationFailed(GrainId grainId, Exception exception);

    [LoggerMessage(1004, LogLevel.Warning, "Grain {GrainId} failed while it was deactivated.")]
    private partial void LogDeactivationFailed(GrainId grainId, Exception exception);
}
