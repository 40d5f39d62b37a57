using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>The certificates of one process: its own, and those by which it knows others. Read once, so that new ones need a new process.</summary>
/// <param name="Certificate">The process's own, with its private key.</param>
/// <param name="Authorities">Whose certificates are accepted; null for those whom the machine trusts.</param>
/// <param name="TargetHost">The name that a silo's certificate must bear; empty for the host that was dialled.</param>
/// <param name="Intermediates">What leads from the process's own to its authority, if anything.</param>
internal sealed record TlsSettings(
    X509Certificate2 Certificate, X509Certificate2Collection? Authorities, string TargetHost, X509Certificate2Collection? Intermediates = null)
{
    /// <summary>What is shown to the other side: the certificate, and what leads from it to its authority.</summary>
    public SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(Certificate, Intermediates, offline: true);

    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="OrleansConfigurationException">A file cannot be used, or others with the same options would not accept the certificate.</exception>
    public static TlsSettings Load(EmbeddedTlsOptions options)
    {
        try
        {
            var settings = Read(options);
            if (settings.Refusal() is { } refusal) throw new OrleansConfigurationException(refusal);
            return settings;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new OrleansConfigurationException(
                $"The files of Cluster:Tls cannot be used (certificate \"{options.Certificate}\", key \"{options.Key}\", authority \"{options.Authority}\"): {exception.Message}", exception);
        }
    }

    /// <summary>How the other side's certificate is judged.</summary>
    public X509ChainPolicy NewPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (Authorities is not { } authorities) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static TlsSettings Read(EmbeddedTlsOptions options)
    {
        using var fromPem = X509Certificate2.CreateFromPemFile(options.Certificate, options.Key.Length > 0 ? options.Key : options.Certificate);

        // A key that was read from PEM lives in memory only; a copy through PKCS 12 can be used by every TLS library.
        var certificate = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), null);
        var all = ReadCertificates(options.Certificate);
        var intermediates = new X509Certificate2Collection(all.Where(other => other.Thumbprint != certificate.Thumbprint).ToArray());
        return new TlsSettings(certificate, options.Authority.Length > 0 ? ReadCertificates(options.Authority) : null, options.TargetHost, intermediates);
    }

    private static X509Certificate2Collection ReadCertificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException($"{file} holds no certificate.");
    }

    /// <summary>Better found at the start of the process than by all others, one after the other.</summary>
    private string? Refusal()
    {
        if (TargetHost.Length > 0 && !Certificate.MatchesHostname(TargetHost))
            return $"The certificate {Certificate.Subject} does not bear the name \"{TargetHost}\" that Cluster:Tls:TargetHost has others look for.";
        using var chain = new X509Chain { ChainPolicy = NewPolicy() };
        if (Intermediates is { } intermediates) chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        if (chain.Build(Certificate)) return null;
        var reasons = string.Join(" ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct());
        return $"The certificate {Certificate.Subject} would not be accepted by a process with the same settings (Cluster:Tls:Authority): {reasons}";
    }
}
