using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace LeptonEdge.Sync;

/// <summary>TLS as every MQTT link of a fleet uses it: mutual, and trusting the fleet's own authority alone.</summary>
internal static class MqttTls
{
    public static MqttClientOptionsBuilder WithFleetTls(
        this MqttClientOptionsBuilder builder, X509Certificate2? certificate,
        X509Certificate2Collection? roots, string host, TimeProvider clock)
    {
        if (certificate is null)
            return builder;
        return builder.WithTlsOptions(tls => tls
            .UseTls()
            .WithTargetHost(host)
            .WithSslProtocols(SslProtocols.Tls13)
            .WithClientCertificates(new X509Certificate2Collection(certificate))
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(args => FleetTrust.IsFromFleet(
                args.Certificate, args.SslPolicyErrors, roots, certificate, clock)));
    }
}
