namespace Warroom.Frontend.Services;

internal sealed partial class SampleData
{
    [LoggerMessage(4400, LogLevel.Information, "The catalogue was empty; {Count} sample services are in it now")]
    private partial void LogSeeded(int count);

    [LoggerMessage(4401, LogLevel.Warning, "The samples could not be made; the next start tries again")]
    private partial void LogSeedFailed(Exception exception);
}
