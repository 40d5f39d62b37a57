namespace Warroom.Frontend.Live;

internal sealed partial class HubErrors
{
    [LoggerMessage(4150, LogLevel.Error, "Hub call {Method} failed")]
    private partial void LogFault(string method, Exception exception);

    [LoggerMessage(4151, LogLevel.Warning, "Hub call {Method} was answered with {Code}")]
    private partial void LogOutage(string method, string code, Exception exception);
}
