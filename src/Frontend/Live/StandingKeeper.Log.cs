namespace Warroom.Frontend.Live;

internal sealed partial class StandingKeeper
{
    [LoggerMessage(4160, LogLevel.Warning, "The {Dependency} has not answered for {Seconds} s; the pages are told")]
    private partial void LogAway(string dependency, long seconds);

    [LoggerMessage(4161, LogLevel.Information, "The {Dependency} answers again after {Seconds} s; the pages are told")]
    private partial void LogBack(string dependency, long seconds);

    [LoggerMessage(4162, LogLevel.Warning, "Finding out what answers failed; it is tried again")]
    private partial void LogRoundFailed(Exception exception);
}
