using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace LeptonEdge.Cli;

/// <summary>HTTPS to a hub whose certificate comes from the fleet's own authority.</summary>
internal static class FleetTls
{
    public static SocketsHttpHandler CreateHandler(string? caFile)
    {
        // A hub sends nobody elsewhere; a token must not go where somebody else says.
        var handler = new SocketsHttpHandler
            { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false };
        if (caFile is null)
            return handler;
        var authority = X509CertificateLoader.LoadCertificateFromFile(caFile);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        return handler;
    }
}
