using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Sync;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace LeptonEdge.Agent.Serving;

/// <summary>TLS between two devices: each shows the certificate that it was issued as a device.</summary>
internal static class PeerTls
{
    /// <remarks>By a callback: Kestrel's own options refuse a certificate that was issued for clients, and one for
    /// servers would let a device pass for the hub.</remarks>
    public static TlsHandshakeCallbackOptions Options(AgentIdentity identity, TimeProvider clock)
    {
        var (own, roots) = (identity.Certificate!, identity.Roots!);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true),
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, presented, _, _) =>
                FleetTrust.DeviceOf(presented, roots, own, clock) is not null,
        };
        return new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            OnConnection = _ => ValueTask.FromResult(options),
        };
    }
}
