namespace Warroom.Frontend.Live;

internal sealed partial class HubErrors
{
    [LoggerMessage(2150, LogLevel.Error, "Hub call {Method} failed")]
    private partial void LogFault(string method, Exception exception);
}
