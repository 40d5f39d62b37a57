using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Embedded.Serialization.Wire;

namespace Orleans.Embedded.Connections;

/// <summary>
/// Listens at one port for processes of one role. The port is taken when the listener is made, so that a silo knows its address before it serves;
/// connections are accepted from <see cref="Start"/> on.
/// </summary>
internal sealed partial class ConnectionListener : IDisposable
{
    private const int Backlog = 512;

    /// <summary>Refusals that are logged in a row of ten seconds; the others are counted.</summary>
    private const int LinesMax = 20;

    private readonly Socket _socket;
    private readonly PeerRole _role;
    private readonly CancellationTokenSource _stop = new();
    private int _strangers;
    private bool _isListening;
    private long _linesSinceMs;
    private int _lines;

    /// <summary>Takes the port; 0 has the system choose one.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public ConnectionListener(IPEndPoint endpoint, PeerRole role)
    {
        _role = role;
        _socket = SocketSetup.NewSocket(endpoint.AddressFamily);
        try
        {
            // On Linux .NET sets SO_REUSEADDR for TCP by itself: a silo that starts again finds its port free although connections of its last life wait for their end.
            _socket.Bind(endpoint);
            Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>
    /// Whether the port is this listener's alone, now. A silo listens for as long as it may serve: it joins its cluster when it listens already, and gives its port up when its grains have ended. So while
    /// one silo listens in a place, no earlier one that joined from there serves any more.
    /// </summary>
    public bool IsListening => Volatile.Read(ref _isListening);

    /// <summary>Accepts connections; <paramref name="onConnected"/> gets those that have shown who they are.</summary>
    public void Start(ConnectionSettings settings, ConnectionMetrics metrics, Action<Socket, Stream, PeerIdentity> onConnected, ILogger logger)
    {
        _socket.Listen(Backlog);
        Volatile.Write(ref _isListening, true);
        _ = CleanFlow.Run(() => Task.Run(() => AcceptAllAsync(settings, metrics, onConnected, logger)));
    }

    public void Dispose()
    {
        // Before the port is anybody else's.
        Volatile.Write(ref _isListening, false);

        // The token stays usable for handshakes under way; without timer and links it holds nothing to dispose of.
        _stop.Cancel();
        _socket.Dispose();
    }

    private async Task AcceptAllAsync(ConnectionSettings settings, ConnectionMetrics metrics, Action<Socket, Stream, PeerIdentity> onConnected, ILogger logger)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(_stop.Token);
            }
            catch (Exception exception) when (_stop.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Such as too many open files: it passes, and the listener must still be there then.
                LogAcceptFailed(logger, Endpoint, exception);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
                continue;
            }

            if (Interlocked.Increment(ref _strangers) > settings.StrangersMax)
            {
                Interlocked.Decrement(ref _strangers);
                metrics.OnRefused(RefusalReason.Crowded);
                socket.Dispose();
                continue;
            }

            _ = WelcomeAsync(socket, settings, metrics, onConnected, logger);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a stranger makes a handshake throw ends its connection and nothing else.")]
    private async Task WelcomeAsync(
        Socket socket, ConnectionSettings settings, ConnectionMetrics metrics, Action<Socket, Stream, PeerIdentity> onConnected, ILogger logger)
    {
        EndPoint? from = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(settings.HandshakeTimeout);
            from = socket.RemoteEndPoint;
            var stream = await SocketSetup.AcceptAsync(socket, settings.Tls, limit.Token);
            var peer = await Handshake.AcceptAsync(stream, settings, _role, limit.Token);
            onConnected(socket, stream, peer);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (_stop.IsCancellationRequested) return;
            var (reason, text) = Explain(exception);
            metrics.OnRefused(reason);
            if (MayLog(logger)) LogRefused(logger, from, _role, reason, text);
        }
        finally
        {
            Interlocked.Decrement(ref _strangers);
        }
    }

    /// <summary>Whoever knocks a thousand times a second fills no disk.</summary>
    private bool MayLog(ILogger logger)
    {
        var unlogged = 0;
        lock (_stop)
        {
            var now = EngineClock.RealMs;
            if (now - _linesSinceMs >= 10_000)
            {
                unlogged = Math.Max(0, _lines - LinesMax);
                (_linesSinceMs, _lines) = (now, 0);
            }

            _lines++;
            if (_lines > LinesMax) return false;
        }

        if (unlogged > 0) LogUnlogged(logger, _role, unlogged);
        return true;
    }

    /// <summary>The reason to count and the text to log.</summary>
    public static (RefusalReason Reason, string Text) Explain(Exception exception) => exception switch
    {
        HandshakeException refusal => (refusal.Reason, refusal.Message),
        WireFormatException => (RefusalReason.Garbage, exception.Message),
        OperationCanceledException => (RefusalReason.Silent, "It said nothing in time."),
        _ => (RefusalReason.Silent, exception.Message),
    };

    [LoggerMessage(1334, LogLevel.Warning, "A connection from {From} to the port for {Role} processes was refused ({Reason}): {Text}")]
    private static partial void LogRefused(ILogger logger, EndPoint? from, PeerRole role, RefusalReason reason, string text);

    [LoggerMessage(1339, LogLevel.Warning, "{Count} more connections to the port for {Role} processes were refused; orleans-connections-refused counts them by reason.")]
    private static partial void LogUnlogged(ILogger logger, PeerRole role, int count);

    [LoggerMessage(1335, LogLevel.Error, "No connection can be accepted at {Endpoint} for now.")]
    private static partial void LogAcceptFailed(ILogger logger, IPEndPoint endpoint, Exception exception);
}
