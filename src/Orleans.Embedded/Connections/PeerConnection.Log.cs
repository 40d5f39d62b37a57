using Microsoft.Extensions.Logging;

namespace Orleans.Embedded.Connections;

internal sealed partial class PeerConnection
{
    [LoggerMessage(1338, LogLevel.Warning, "{Peer} was silent for {SilentMs} ms: its connection is given up.")]
    private partial void LogSilent(PeerIdentity peer, long silentMs);

    [LoggerMessage(1336, LogLevel.Warning, "{Peer} has read nothing for {StuckMs} ms, {WaitingBytes} bytes wait for it: its connection is given up.")]
    private partial void LogStuck(PeerIdentity peer, long stuckMs, int waitingBytes);

    [LoggerMessage(1337, LogLevel.Warning, "{Peer} does not read fast enough, {WaitingBytes} bytes wait for it: its connection is given up.")]
    private partial void LogUnread(PeerIdentity peer, int waitingBytes);

    [LoggerMessage(1333, LogLevel.Warning, "{Peer} sent what is no frame: its connection is closed.")]
    private partial void LogGarbage(PeerIdentity peer, Exception exception);
}
