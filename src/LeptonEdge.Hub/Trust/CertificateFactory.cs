using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Trust;

/// <summary>Makes the fleet's certificates: ECDSA P-256, RFC 5280 profile.</summary>
internal static class CertificateFactory
{
    public const string ServerAuthOid = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthOid = "1.3.6.1.5.5.7.3.2";

    /// <summary>A device whose clock lags a little must be able to use a certificate at once.</summary>
    public static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    public static X509Certificate2 CreateAuthority(TenantId tenant, ECDsa key, DateTimeOffset now)
    {
        var request =
            new CertificateRequest(Name("LeptonEdge fleet authority", tenant, null), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - Backdated, now.AddYears(20));
    }

    public static X509Certificate2 CreateHub(
        X509Certificate2 authority, TenantId tenant, ECDsa key, IEnumerable<string> names, DateTimeOffset now)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        return CreateLeaf(
            authority, Name("hub", tenant, "hub"), key, now, [ServerAuthOid, ClientAuthOid], alternatives);
    }

    public static X509Certificate2 CreateDevice(
        X509Certificate2 authority, TenantId tenant, DeviceId device, ECDsa key, DateTimeOffset now) =>
        CreateLeaf(authority, Name(device.Value, tenant, "device"), key, now, [ClientAuthOid], null);

    private static X509Certificate2 CreateLeaf(
        X509Certificate2 authority, X500DistinguishedName subject, ECDsa key, DateTimeOffset now, string[] usages,
        SubjectAlternativeNameBuilder? alternatives)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        var oids = new OidCollection();
        foreach (var usage in usages)
            oids.Add(new Oid(usage));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (alternatives is not null)
            request.CertificateExtensions.Add(alternatives.Build());
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        // DER integers are signed: a first byte of 01 to 7f keeps the number positive and 16 bytes long.
        serial[0] = (byte)(serial[0] & 0x7f | 0x01);
        using var issued = request.Create(authority, now - Backdated, now.AddYears(1), serial);
        return issued.CopyWithPrivateKey(key);
    }

    private static X500DistinguishedName Name(string name, TenantId tenant, string? role)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddOrganizationName(tenant.Value);
        if (role is not null)
            builder.AddOrganizationalUnitName(role);
        builder.AddCommonName(name);
        return builder.Build();
    }
}
