using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of certificates and keys on this machine.</summary>
internal static class CertificateChecks
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Device(IdentityFiles files)
    {
        const string Renew =
            "issue a new one on the hub's machine: lepton hub issue DEVICE --data … --tenant … --out …";
        if (files.Key is { } key)
            yield return FileChecks.Secret("device-key", key);
        if (files.Authority is { } authority)
            yield return Dates("fleet-ca", authority, "copy the hub's ca/ca.crt here again");
        if (files.Certificate is not { } certificate)
            yield break;
        yield return Dates("device-cert", certificate, Renew);
        if (files.Authority is { } root && files.Key is { } own)
            yield return Belongs("device-chain", certificate, own, root, Renew);
    }

    /// <param name="data">The hub's data folder.</param>
    public static IEnumerable<Finding> Hub(string data)
    {
        const string Renew = "start the hub again: it makes a new one from its authority";
        string In(params string[] parts) => Path.Combine([data, .. parts]);
        foreach (var (check, file) in new[]
        {
            ("ca-key", In("ca", "ca.key")), ("hub-key", In("hub.key")), ("seal-key", In("seal", "hub.key")),
            ("operator-token", In("operator.token")),
        })
        {
            if (File.Exists(file))
                yield return FileChecks.Secret(check, file);
        }

        var (certificate, ca) = (In("hub.crt"), In("ca", "ca.crt"));
        if (!File.Exists(certificate) || !File.Exists(ca))
        {
            yield return Finding.Warn(
                "hub-cert", $"{data} holds no certificates yet", "start the hub once: it makes its authority there");
            yield break;
        }

        yield return Dates("fleet-ca", ca, "an authority cannot be renewed in place: plan to issue the fleet anew");
        yield return Dates("hub-cert", certificate, Renew);
        yield return Belongs("hub-chain", certificate, In("hub.key"), ca, Renew);
    }

    /// <summary>Whether a certificate is good now, and for a while.</summary>
    public static Finding Dates(string check, X509Certificate2 certificate, string name, string remedy)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        var until = $"{name} is good until {to:yyyy-MM-dd}";
        if (now < from)
        {
            return Finding.Fail(
                check, $"{name} is good only from {from:yyyy-MM-ddTHH:mm:ssZ}",
                    "set this machine's clock, then check again");
        }

        if (now > to)
            return Finding.Fail(check, $"{name} ended on {to:yyyy-MM-dd}", remedy);
        return to - now < s_soon
            ? Finding.Warn(check, $"{until}, {TimeWords.Length((to - now).TotalSeconds)} from now", remedy)
            : Finding.Ok(check, until);
    }

    private static Finding Dates(string check, string file, string remedy)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return Dates(check, certificate, file, remedy);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Finding.Fail(check, $"{file}: {fault.Message}", remedy);
        }
    }

    private static Finding Belongs(string check, string file, string key, string authority, string remedy)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(file, key);
            using var root = X509CertificateLoader.LoadCertificateFromFile(authority);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(root);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            // The dates are a check of their own.
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
            return chain.Build(certificate)
                ? Finding.Ok(check, $"{file} has its key, and comes from {authority}")
                : Finding.Fail(
                    check, $"{file} does not come from {authority}: "
                        + string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim())),
                            remedy);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException)
        {
            return Finding.Fail(check, $"{file} and {key}: {fault.Message}", remedy);
        }
    }
}
