namespace Warroom.Hosting;

public sealed partial class GracefulStop
{
    [LoggerMessage(2400, LogLevel.Information, "Shutdown begins ({Reason}): not ready from now on")]
    private partial void LogBegins(string reason);

    [LoggerMessage(2401, LogLevel.Information, "Nothing new is accepted; what is in flight has {DrainTime} to finish")]
    private partial void LogDraining(TimeSpan drainTime);

    [LoggerMessage(2402, LogLevel.Information, "What was in flight has finished after {Milliseconds} ms")]
    private partial void LogDrained(long milliseconds);

    [LoggerMessage(2403, LogLevel.Warning, "{Count} requests in flight did not finish within {DrainTime} and are cut")]
    private partial void LogCut(TimeSpan drainTime, int count);

    [LoggerMessage(2404, LogLevel.Error, "Shutdown failed; the process ends with code 1")]
    private partial void LogFailed(Exception exception);
}
