using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.Embedded.Connections;

/// <summary>Makes a stream of a socket, encrypted if that is asked for.</summary>
internal static class SocketSetup
{
    public static Socket NewSocket(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6) socket.DualMode = true;
        return socket;
    }

    public static async Task<Stream> DialAsync(Socket socket, TlsSettings? tls, string host, CancellationToken cancellationToken)
    {
        var stream = Plain(socket);
        if (tls is null) return stream;
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = tls.TargetHost.Length > 0 ? tls.TargetHost : host,
                ClientCertificates = [tls.Certificate],
                CertificateChainPolicy = Policy(tls),
            },
            cancellationToken);
        return encrypted;
    }

    public static async Task<Stream> AcceptAsync(Socket socket, TlsSettings? tls, CancellationToken cancellationToken)
    {
        var stream = Plain(socket);
        if (tls is null) return stream;
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
        await encrypted.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = tls.Certificate,
                ClientCertificateRequired = true,
                CertificateChainPolicy = Policy(tls),
            },
            cancellationToken);
        return encrypted;
    }

    private static NetworkStream Plain(Socket socket)
    {
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static X509ChainPolicy Policy(TlsSettings tls)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (tls.Authorities is not { } authorities) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
