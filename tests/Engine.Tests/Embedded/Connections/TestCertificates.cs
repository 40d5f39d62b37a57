using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Configuration;

namespace Warroom.Engine.Tests.Embedded.Connections;

/// <summary>An authority, and certificates that it issues, in files for as long as it lives.</summary>
internal sealed class TestCertificates : IDisposable
{
    /// <summary>The name that all certificates bear.</summary>
    public const string Name = "silo.warroom";

    private readonly string _name;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("warroom-certificates-");

    public TestCertificates(string name)
    {
        _name = name;
        Authority = NewAuthority(name);
        File.WriteAllText(PathOf("ca.crt"), Authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority { get; }

    /// <summary>What a process is told whose certificate this authority has issued, and who trusts it.</summary>
    public EmbeddedTlsOptions Options(string process, bool throughIntermediate = false)
    {
        using var intermediate = throughIntermediate ? NewAuthority($"{_name} site", Authority) : null;
        using var certificate = Issue(intermediate ?? Authority);
        File.WriteAllText(PathOf($"{process}.crt"), certificate.ExportCertificatePem() + "\n" + intermediate?.ExportCertificatePem());
        File.WriteAllText(PathOf($"{process}.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return new EmbeddedTlsOptions { Certificate = PathOf($"{process}.crt"), Key = PathOf($"{process}.key"), Authority = PathOf("ca.crt"), TargetHost = Name };
    }

    /// <summary>The same as settings of a process.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings(string process, bool throughIntermediate = false)
    {
        var options = Options(process, throughIntermediate);
        return
        [
            new("Cluster:Tls:Certificate", options.Certificate), new("Cluster:Tls:Key", options.Key), new("Cluster:Tls:Authority", options.Authority),
            new("Cluster:Tls:TargetHost", options.TargetHost),
        ];
    }

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Delete(recursive: true);
    }

    public static X509Certificate2 NewAuthority(string name, X509Certificate2? above = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name} authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = TimeProvider.System.GetUtcNow();
        if (above is null) return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var issued = request.Create(above, now.AddHours(-2), now.AddHours(2), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
