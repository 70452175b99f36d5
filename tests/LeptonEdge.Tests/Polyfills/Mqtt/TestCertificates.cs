using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>
/// A certificate authority of a test's own, a server's certificate and a device's, as objects and as files.
/// </summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TempFolder _folder = new();

    public TestCertificates(string deviceName = "edge-press")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(From, Until);
        Server = Issue("localhost", "1.3.6.1.5.5.7.3.1", isServer: true);
        Device = Issue(deviceName, "1.3.6.1.5.5.7.3.2", isServer: false);
        File.WriteAllText(AuthorityFile, Authority.ExportCertificatePem());
        Write(Server, ServerFile, ServerKeyFile);
        Write(Device, DeviceFile, DeviceKeyFile);
    }

    private static DateTimeOffset From => DateTimeOffset.UtcNow.AddDays(-1);

    private static DateTimeOffset Until => DateTimeOffset.UtcNow.AddDays(2);

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    public X509Certificate2 Device { get; }

    public string AuthorityFile => _folder.File("ca.pem");

    public string ServerFile => _folder.File("server.pem");

    public string ServerKeyFile => _folder.File("server.key");

    public string DeviceFile => _folder.File("device.pem");

    public string DeviceKeyFile => _folder.File("device.key");

    /// <summary>True when the certificate was issued by this authority.</summary>
    public bool Issued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose() => _folder.Dispose();

    private X509Certificate2 Issue(string name, string usage, bool isServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        using var bare = request.Create(Authority, From, Until.AddDays(-1), RandomNumberGenerator.GetBytes(12));
        return X509CertificateLoader.LoadPkcs12(
            bare.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private static void Write(X509Certificate2 certificate, string file, string keyFile)
    {
        File.WriteAllText(file, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
