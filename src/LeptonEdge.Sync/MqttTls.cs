using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace LeptonEdge.Sync;

/// <summary>TLS as every MQTT link of a fleet uses it: mutual, and trusting the fleet's own authority alone.</summary>
internal static class MqttTls
{
    public static MqttClientOptionsBuilder WithFleetTls(
        this MqttClientOptionsBuilder builder, X509Certificate2? certificate,
        X509Certificate2Collection? roots, string host)
    {
        if (certificate is null)
            return builder;
        return builder.WithTlsOptions(tls => tls
            .UseTls()
            .WithTargetHost(host)
            .WithSslProtocols(SslProtocols.Tls13)
            .WithClientCertificates(new X509Certificate2Collection(certificate))
            // A fleet revokes by the hub's own list; asking a public responder would only delay every connect.
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(args => IsFromFleet(args.Certificate, args.SslPolicyErrors, roots)));
    }

    // The system's trust store does not count: a certificate from any public authority is a stranger here. The name
    // was already compared by the platform; what it cannot know is our authority, so the chain is built against it
    // alone.
    private static bool IsFromFleet(
        X509Certificate? presented, SslPolicyErrors errors, X509Certificate2Collection? roots)
    {
        if (presented is null || roots is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var copy = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        return chain.Build(copy);
    }
}
