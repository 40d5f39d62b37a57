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
            await socket.ConnectAsync(endpoint, limit.Token);
            var stream = await SocketSetup.DialAsync(socket, settings.Tls, endpoint.Address.ToString(), limit.Token);
            var peer = await Handshake.DialAsync(stream, settings, wanted, limit.Token);
            return (socket, stream, peer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
