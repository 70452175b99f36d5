using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Cli.Contexts;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of the way to the hub.</summary>
internal static class NetworkChecks
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static async Task<List<Finding>> AllAsync(
        HubChoice choice, NamedPlaces places, CancellationToken cancellation)
    {
        var findings = await HubChecks.AllAsync(choice with { Ca = choice.Ca ?? places.Ca }, cancellation);
        var ports = new List<(string Check, string Host, int Port)>();
        if (choice.Hub.Scheme == "https")
            ports.Add(("hub-tls", choice.Hub.Host, choice.Hub.Port));
        if (places.MqttHost is { } mqtt)
            ports.Add(("hub-mqtt", mqtt, places.MqttPort));
        ports.AddRange(places.Grpc.Select(grpc => ("hub-grpc", grpc.Host, grpc.Port)));
        foreach (var (check, host, port) in ports)
            findings.Add(await TlsAsync(check, host, port, places.Ca ?? choice.Ca, cancellation));
        return findings;
    }

    /// <summary>Whether somebody listens there, and shows a certificate of the fleet.</summary>
    private static async Task<Finding> TlsAsync(
        string check, string host, int port, string? ca, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(host, port, limit.Token);
            // Any certificate is let in here: what is wrong with it is what is to be said.
            X509Certificate2? shown = null;
            var errors = SslPolicyErrors.None;
            await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, found) =>
            {
                shown = certificate is null ? null
                    : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                errors = found;
                return true;
            });
            await tls.AuthenticateAsClientAsync(Options(host, ca), limit.Token);
            using (shown)
                return Judge(check, $"{host}:{port}", shown, errors, ca);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested && fault is SocketException or IOException
            or AuthenticationException or OperationCanceledException or CryptographicException)
        {
            var why = fault is OperationCanceledException
                ? $"no answer within {s_patience.TotalSeconds} s" : fault.Message;
            return Finding.Fail(
                check, $"{host}:{port}: {why}",
                "does the hub listen there ('listen' in hub.yaml), and does a firewall let it through?");
        }
    }

    private static SslClientAuthenticationOptions Options(string host, string? ca)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (ca is null)
            return options;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(ca) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return options;
    }

    private static Finding Judge(
        string check, string place, X509Certificate2? shown, SslPolicyErrors errors, string? ca)
    {
        if (shown is null)
            return Finding.Fail(check, $"{place} shows no certificate", "is this the hub's port?");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return Finding.Fail(
                check, $"{place} shows a certificate for another name",
                    "add the name to 'names' in hub.yaml, and restart");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return Finding.Fail(
                check, $"{place} shows a certificate that does not come from {ca ?? "an authority of this system"}",
                "give --ca the fleet's ca.crt (ca/ca.crt in the hub's data folder)");
        }

        return CertificateChecks.Dates(check, shown, $"{place} answers; its certificate",
            "start the hub again: it makes a new one");
    }
}
