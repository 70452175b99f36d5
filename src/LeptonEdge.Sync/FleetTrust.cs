using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Sync;

/// <summary>Whether a certificate comes from the fleet's own authority, on a machine whose clock may be wrong.</summary>
public static class FleetTrust
{
    /// <summary>Judges what a server presented. The system's trust store does not count: a certificate of any public
    /// authority is a stranger here.</summary>
    /// <param name="errors">What the platform found; the name was compared there.</param>
    /// <param name="own">This machine's certificate; null where it has none.</param>
    public static bool IsFromFleet(
        X509Certificate? presented, SslPolicyErrors errors, X509Certificate2Collection? roots, X509Certificate2? own,
        TimeProvider clock)
    {
        if (presented is null || roots is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var copy = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        return IsSigned(copy, roots, own, clock);
    }

    /// <summary>Which device of the own tenant presented a certificate; null for anyone else. It is judged by whom it
    /// names, not by a host's name: a device has no other.</summary>
    /// <param name="own">This device's certificate.</param>
    public static DeviceId? DeviceOf(
        X509Certificate? presented, X509Certificate2Collection roots, X509Certificate2 own, TimeProvider clock)
    {
        if (presented is null || FleetIdentity.Read(own) is not { } self)
            return null;
        using var copy = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        return FleetIdentity.Read(copy) is { Role: FleetRole.Device } named && named.Tenant == self.Tenant
            && IsSigned(copy, roots, own, clock) ? named.Device : null;
    }

    private static bool IsSigned(
        X509Certificate2 copy, X509Certificate2Collection roots, X509Certificate2? own, TimeProvider clock)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        // A fleet revokes by the hub's own list; asking a public responder would only delay every connect.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = TimeOf(copy, own, clock.GetUtcNow());
        return chain.Build(copy);
    }

    /// <summary>The time by which a certificate is judged. A board without a battery boots in 1970, and a clock may be
    /// years ahead, yet it must reach its hub.</summary>
    /// <remarks>A certificate that the authority has signed is proof that its first day has come. Beyond the last day of
    /// this machine's own certificate nothing is known: there the hub, which checks that one by its own clock,
    /// decides.</remarks>
    public static DateTime TimeOf(X509Certificate2 presented, X509Certificate2? own, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        var (first, last) = (presented.NotBefore.ToUniversalTime(), presented.NotAfter.ToUniversalTime());
        if (own is not null && time > own.NotAfter.ToUniversalTime() && time > last)
            // OpenSSL takes the last second itself for too late.
            time = last.AddSeconds(-1);
        return time < first ? first : time;
    }
}
