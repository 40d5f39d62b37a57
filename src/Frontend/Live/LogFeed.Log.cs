namespace Warroom.Frontend.Live;

/// <summary>What feeds of logs say.</summary>
internal static partial class LogFeedLog
{
    [LoggerMessage(4100, LogLevel.Warning, "Reading what the feed of {Kind} {Id} lacks failed; it is tried again")]
    public static partial void CatchUpFailed(ILogger logger, string kind, Guid id, Exception exception);

    [LoggerMessage(4101, LogLevel.Warning, "The stream of {Kind} {Id} lost something; its feed reads the log: {Reason}")]
    public static partial void StreamFailed(ILogger logger, string kind, Guid id, string reason);
}
