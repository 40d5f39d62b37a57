using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orleans.Configuration;

namespace Orleans.Embedded.Connections;

/// <summary>What all connections of a process have in common.</summary>
internal sealed class ConnectionSettings
{
    /// <summary>Silence after which a connection is given up is never shorter than this, however short a lease is.</summary>
    private static readonly TimeSpan SilenceMin = TimeSpan.FromSeconds(3);

    /// <summary>The version of the protocol that this process speaks, and the oldest that it understands.</summary>
    public const int Version = 1;

    public const int OldestVersion = 1;

    public required PeerIdentity Self { get; init; }

    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    /// <summary>The cluster's secret as UTF-8.</summary>
    public required byte[] Secret { get; init; }

    public required int FrameMax { get; init; }

    /// <summary>Calls are refused when this many bytes wait to be sent to one process.</summary>
    public required int WaitingBytesMax { get; init; }

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection on which nothing was heard for so long is given up. A quarter of it is the time between pings.</summary>
    public required TimeSpan SilenceMax { get; init; }

    /// <summary>Connections that have not shown yet who they are; more are closed at once.</summary>
    public int StrangersMax { get; init; } = 128;

    /// <summary>Encryption; null for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Random numbers for the waiting between attempts to connect.</summary>
    public Func<double> Random { get; init; } = NewRandom();

    public static ConnectionSettings Create(PeerIdentity self, ClusterOptions cluster, EmbeddedClusterOptions options) => new()
    {
        Self = self,
        ClusterId = cluster.ClusterId,
        ServiceId = cluster.ServiceId,
        Secret = Encoding.UTF8.GetBytes(options.Secret),
        FrameMax = options.FrameMax,
        WaitingBytesMax = (int)Math.Min(int.MaxValue / 2, options.FrameMax * 8L),
        SilenceMax = options.Lease > SilenceMin ? options.Lease : SilenceMin,
        Tls = options.Tls.Enabled ? TlsSettings.Load(options.Tls) : null,
    };

    private static Func<double> NewRandom()
    {
        var random = new Random();
        return () =>
        {
            lock (random) return random.NextDouble();
        };
    }
}

/// <summary>Certificates, read once.</summary>
internal sealed record TlsSettings(X509Certificate2 Certificate, X509Certificate2Collection? Authorities, string TargetHost)
{
    public static TlsSettings Load(EmbeddedTlsOptions options)
    {
        var key = options.Key.Length > 0 ? options.Key : options.Certificate;
        using var fromPem = X509Certificate2.CreateFromPemFile(options.Certificate, key);

        // A key that was read from PEM lives in memory only; a copy through PKCS 12 can be used by every TLS library.
        var certificate = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), null);
        X509Certificate2Collection? authorities = null;
        if (options.Authority.Length > 0)
        {
            authorities = [];
            authorities.ImportFromPemFile(options.Authority);
        }

        return new TlsSettings(certificate, authorities, options.TargetHost);
    }
}
