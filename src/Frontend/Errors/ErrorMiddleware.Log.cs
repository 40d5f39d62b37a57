namespace Warroom.Frontend.Errors;

internal sealed partial class ErrorMiddleware
{
    [LoggerMessage(4000, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogFault(ILogger logger, string method, PathString path, Exception exception);

    [LoggerMessage(4001, LogLevel.Warning, "{Method} {Path} was answered with {Code}")]
    private static partial void LogOutage(ILogger logger, string method, PathString path, string code, Exception exception);
}
