using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>Connects to silos.</summary>
internal static class ConnectionDialer
{
    /// <summary>Connects to a silo's port for processes like this one, and checks that <paramref name="wanted"/> is who is there.</summary>
    /// <exception cref="HandshakeException">One of the sides refused.</exception>
    /// <exception cref="SocketException">Nobody listens.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public static async Task<(Socket Socket, Stream Stream, PeerIdentity Peer)> DialAsync(
        IPEndPoint endpoint, SiloAddress wanted, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.HandshakeTimeout);
        var socket = SocketSetup.NewSocket(endpoint.AddressFamily);
        try
        {
            await ConnectAsync(socket, endpoint, settings, limit.Token);
            var stream = await SocketSetup.DialAsync(socket, settings.Tls, endpoint.Address.ToString(), limit.Token);
            var peer = await ShakeHandsAsync(stream, settings, wanted, limit.Token);
            return (socket, stream, peer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task ConnectAsync(Socket socket, IPEndPoint endpoint, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.ConnectTimeout);
        await socket.ConnectAsync(endpoint, limit.Token);
    }

    private static async Task<PeerIdentity> ShakeHandsAsync(Stream stream, ConnectionSettings settings, SiloAddress wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await Handshake.DialAsync(stream, settings, wanted, cancellationToken);
        }
        catch (Exception end) when (settings.Tls is not null && end is IOException or HandshakeException { Reason: RefusalReason.Silent })
        {
            // In TLS 1.3 the listener looks at the dialler's certificate when the dialler is through already, and ends the connection. Any other refusal it explains.
            throw new HandshakeException(
                RefusalReason.Tls, $"It ended the connection once it was encrypted: it may not accept this process's certificate (Cluster:Tls:Authority there). {SocketSetup.TextOf(end)}", end);
        }
    }
}
