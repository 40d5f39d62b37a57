using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

internal sealed partial class StreamMesh
{
    [LoggerMessage(1361, LogLevel.Information, "Process {Process} is no subscriber of this silo's streams any more: {Reason}")]
    private partial void LogSessionEnded(string process, string reason);

    [LoggerMessage(1362, LogLevel.Information, "Streams of silo {Home} are registered again: it or the way to it was lost.")]
    private partial void LogHomeLost(string home);

    [LoggerMessage(1363, LogLevel.Warning, "Items of stream {StreamId} could not be sent to its home; its subscribers are told.")]
    private partial void LogOutboxFailed(StreamId streamId, Exception exception);

    [LoggerMessage(1364, LogLevel.Warning, "Stream {StreamId} could not be registered with its home; it is tried again.")]
    private partial void LogNotRegistered(StreamId streamId, Exception exception);

    [LoggerMessage(1365, LogLevel.Warning, "Silo {Home} could not be told that this process is there; it is tried again.")]
    private partial void LogRenewalFailed(string home, Exception exception);

    [LoggerMessage(1366, LogLevel.Warning, "What was published on stream {StreamId} has {Bytes} bytes, more than {BytesMax} that can be sent (Cluster:FrameMax); its subscribers in other processes are told that it is missing.")]
    private partial void LogParcelTooLarge(StreamId streamId, int bytes, int bytesMax);

    [LoggerMessage(1367, LogLevel.Warning, "What was published on stream {StreamId} cannot be sent; its subscribers in other processes are told that it is missing.")]
    private partial void LogParcelUnwritable(StreamId streamId, Exception exception);
}
