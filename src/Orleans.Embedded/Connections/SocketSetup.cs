using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Orleans.Embedded.Connections;

/// <summary>Makes a stream of a socket, encrypted if that is asked for.</summary>
internal static class SocketSetup
{
    /// <summary>What a record of TLS that begins a handshake begins with.</summary>
    private const byte TlsHandshake = 0x16;

    private static readonly SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    public static Socket NewSocket(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6) socket.DualMode = true;
        return socket;
    }

    /// <exception cref="HandshakeException">Encryption could not be agreed on.</exception>
    public static async Task<Stream> DialAsync(Socket socket, TlsSettings? tls, string host, CancellationToken cancellationToken)
    {
        var stream = Plain(socket);
        if (tls is null) return stream;
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await encrypted.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tls.TargetHost.Length > 0 ? tls.TargetHost : host,
                    ClientCertificateContext = tls.Context,
                    AllowTlsResume = false,
                    CertificateChainPolicy = tls.NewPolicy(),
                    EnabledSslProtocols = Protocols,
                },
                cancellationToken);
            return encrypted;
        }
        catch (AuthenticationException refusal)
        {
            throw new HandshakeException(RefusalReason.Tls, $"Its certificate is not accepted here (Cluster:Tls:Authority, Cluster:Tls:TargetHost): {TextOf(refusal)}", refusal);
        }
        catch (IOException end)
        {
            throw new HandshakeException(
                RefusalReason.Tls, $"It ended the connection in place of agreeing on encryption: it may not use TLS, and this process does (Cluster:Tls:Certificate). {end.Message}", end);
        }
    }

    /// <exception cref="HandshakeException">Encryption could not be agreed on.</exception>
    public static async Task<Stream> AcceptAsync(Socket socket, TlsSettings? tls, CancellationToken cancellationToken)
    {
        var stream = Plain(socket);
        if (tls is null) return stream;
        await RequireTlsAsync(socket, stream, cancellationToken);
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await encrypted.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = tls.Context,

                    // A session that is taken up again shows the other's own certificate only, not what leads from it to its authority: it would be refused now and then.
                    AllowTlsResume = false,
                    ClientCertificateRequired = true,
                    CertificateChainPolicy = tls.NewPolicy(),
                    EnabledSslProtocols = Protocols,
                },
                cancellationToken);
            return encrypted;
        }
        catch (AuthenticationException refusal)
        {
            throw new HandshakeException(RefusalReason.Tls, $"Its certificate is not accepted here (Cluster:Tls:Authority), or it does not accept that of this process: {TextOf(refusal)}", refusal);
        }
    }

    /// <summary>All messages of an exception: what is wrong with a certificate often stands in an inner one.</summary>
    public static string TextOf(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.Message} {TextOf(inner)}" : exception.Message;

    /// <summary>Whoever says hello without encryption is told, in the same way, that this is what is missing.</summary>
    private static async Task RequireTlsAsync(Socket socket, Stream stream, CancellationToken cancellationToken)
    {
        var first = new byte[1];
        if (await socket.ReceiveAsync(first, SocketFlags.Peek, cancellationToken) == 0)
            throw new HandshakeException(RefusalReason.Silent, "It closed the connection before the handshake was done.");
        if (first[0] == TlsHandshake) return;
        await Handshake.RefuseAsync(
            stream, new HandshakeException(RefusalReason.Tls, "It does not use TLS, and this process does: name certificates there too (Cluster:Tls:Certificate)."), cancellationToken);
    }

    private static NetworkStream Plain(Socket socket)
    {
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }
}
