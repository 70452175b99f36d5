using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Trust;

/// <summary>The fleet's own certificate authority, the hub's certificate and its seal key, as files of the hub's data
/// folder:
/// <c>ca/ca.crt</c>, <c>ca/ca.key</c>, <c>hub.crt</c>, <c>hub.key</c>, <c>seal/hub.key</c>,
/// <c>seal/hub.pub</c>.</summary>
public sealed class FleetAuthority : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(60);
    private readonly TimeProvider _clock;
    private readonly X509Certificate2 _authority;

    private FleetAuthority(
        string folder, TenantId tenant, TimeProvider clock, X509Certificate2 authority, X509Certificate2 hub)
    {
        (Folder, Tenant, _clock, _authority, HubCertificate) = (folder, tenant, clock, authority, hub);
        Certificate = X509CertificateLoader.LoadCertificate(authority.RawDataMemory.Span);
    }

    public string Folder { get; }

    public TenantId Tenant { get; }

    /// <summary>The authority's certificate, without its key: the one root that the fleet trusts.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The hub's certificate with its key, for serving and for its own link to the broker.</summary>
    public X509Certificate2 HubCertificate { get; }

    public string SealKeyFile => Path.Combine(Folder, "seal", "hub.key");

    /// <summary>The seal key, and older ones that were put beside it (<c>seal/*.key</c>): what devices sealed to those still
    /// opens.</summary>
    public IReadOnlyList<string> SealKeyFiles =>
    [
        SealKeyFile,
        .. Directory.EnumerateFiles(Path.Combine(Folder, "seal"), "*.key").Where(file => file != SealKeyFile).Order(),
    ];

    public string SealPublicFile => Path.Combine(Folder, "seal", "hub.pub");

    /// <summary>Opens the authority in the hub's data folder; makes what is missing there, and a hub certificate that
    /// is
    /// about to expire or lacks a name.</summary>
    /// <param name="names">Names and addresses of the hub, beside localhost and this machine's name.</param>
    /// <exception cref="CryptographicException">A file is not what it should be; the message names it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static FleetAuthority OpenOrCreate(
        string folder, TenantId tenant, IEnumerable<string>? names = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        Directory.CreateDirectory(Path.Combine(folder, "ca"));
        Directory.CreateDirectory(Path.Combine(folder, "seal"));
        // Hub and command line may come at the same moment; the second finds what the first made.
        using var turn = WaitForTurn(Path.Combine(folder, "ca", "lock"));
        var authority = OpenCa(folder, tenant, clock);
        var hub = OpenHub(folder, tenant, authority, HubNames(names), clock);
        EnsureSealKey(folder);
        return new FleetAuthority(folder, tenant, clock, authority, hub);
    }

    /// <summary>Writes <c>device.crt</c>, <c>device.key</c>, <c>ca.crt</c> and <c>hub.pub</c>: all that a device needs
    /// of its fleet.</summary>
    public void IssueDevice(DeviceId device, string folder)
    {
        Directory.CreateDirectory(folder);
        using var key = NewKey();
        using var certificate = CertificateFactory.CreateDevice(_authority, Tenant, device, key, _clock.GetUtcNow());
        KeyFiles.WriteSecret(Path.Combine(folder, "device.key"), Pem(key));
        KeyFiles.WritePublic(Path.Combine(folder, "device.crt"), Pem(certificate));
        KeyFiles.WritePublic(Path.Combine(folder, "ca.crt"), Pem(Certificate));
        KeyFiles.WritePublic(Path.Combine(folder, "hub.pub"), File.ReadAllText(SealPublicFile));
    }

    /// <summary>Whether a certificate was issued by this authority, for clients, and is in force.</summary>
    public bool Issued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Nothing is fetched on behalf of a stranger.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(CertificateFactory.ClientAuthOid));
        // By the hub's clock; but what this authority has signed proves that its first day has come, whatever the clock of
        // a hub that has just started may say.
        var (now, first) = (_clock.GetUtcNow().UtcDateTime, certificate.NotBefore.ToUniversalTime());
        chain.ChainPolicy.VerificationTime = now < first ? first : now;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Certificate.Dispose();
        HubCertificate.Dispose();
    }

    private static X509Certificate2 OpenCa(string folder, TenantId tenant, TimeProvider clock)
    {
        var (crt, secret) = (Path.Combine(folder, "ca", "ca.crt"), Path.Combine(folder, "ca", "ca.key"));
        // The key is written first, so a certificate without its key never comes from a killed run but from a loss.
        if (File.Exists(crt))
        {
            var found = Load(crt, secret);
            if (FleetOrganization(found) is { } other && other != tenant.Value)
                throw new CryptographicException(
                    $"{crt} belongs to tenant '{other}', not '{tenant}': use another data_dir");
            return found;
        }

        using var key = NewKey();
        KeyFiles.WriteSecret(secret, Pem(key));
        using var made = CertificateFactory.CreateAuthority(tenant, key, clock.GetUtcNow());
        KeyFiles.WritePublic(crt, Pem(made));
        return Load(crt, secret);
    }

    private static X509Certificate2 OpenHub(
        string folder, TenantId tenant, X509Certificate2 authority, IReadOnlyList<string> names, TimeProvider clock)
    {
        var (crt, secret) = (Path.Combine(folder, "hub.crt"), Path.Combine(folder, "hub.key"));
        if (File.Exists(crt) && File.Exists(secret))
        {
            var found = TryLoad(crt, secret);
            if (found is not null && clock.GetUtcNow() < found.NotAfter - RenewBefore
                && names.All(name => NamesHost(found, name)))
                return found;
            found?.Dispose();
        }

        using var key = NewKey();
        // A clock before the authority's own first day is wrong, and a certificate of that time would serve nobody.
        var (now, first) = (clock.GetUtcNow(), (DateTimeOffset)authority.NotBefore);
        using var made = CertificateFactory.CreateHub(
            authority, tenant, key, names, now < first ? first.Add(CertificateFactory.Backdated) : now);
        KeyFiles.WriteSecret(secret, Pem(key));
        KeyFiles.WritePublic(crt, Pem(made));
        return Load(crt, secret);
    }

    private static void EnsureSealKey(string folder)
    {
        var (secret, shared) = (Path.Combine(folder, "seal", "hub.key"), Path.Combine(folder, "seal", "hub.pub"));
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(secret))
            key.ImportFromPem(File.ReadAllText(secret));
        else
            KeyFiles.WriteSecret(secret, key.ExportPkcs8PrivateKeyPem() + "\n");
        if (!File.Exists(shared))
            KeyFiles.WritePublic(shared, key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    private static X509Certificate2 Load(string crt, string secret)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(crt, secret);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or ArgumentException)
        {
            throw new CryptographicException($"{crt} with {secret}: {fault.Message}", fault);
        }
    }

    // A run killed between key and certificate leaves a pair that does not match: it is simply made anew.
    private static X509Certificate2? TryLoad(string crt, string secret)
    {
        try
        {
            return Load(crt, secret);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool NamesHost(X509Certificate2 certificate, string name) =>
        certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false);

    private static List<string> HubNames(IEnumerable<string>? names)
    {
        List<string> all = ["localhost", "127.0.0.1", "::1"];
        if (Uri.CheckHostName(Environment.MachineName) == UriHostNameType.Dns)
            all.Add(Environment.MachineName);
        all.AddRange(names ?? []);
        return [.. all.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static string? FleetOrganization(X509Certificate2 certificate)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.GetSingleElementType().Value == "2.5.4.10")
                return part.GetSingleElementValue();
        }

        return null;
    }

    private static FileStream WaitForTurn(string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 200)
            {
                Thread.Sleep(25);
            }
        }
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static string Pem(ECDsa key) => key.ExportPkcs8PrivateKeyPem() + "\n";

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";
}
