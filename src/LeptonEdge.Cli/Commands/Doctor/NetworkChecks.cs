using System.Globalization;
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

    // The hub's date is whole seconds; TLS and tokens are wrong long after deadlines and charts are.
    private const double SkewSmall = 2;
    private const double SkewLarge = 60;

    public static async Task<List<Finding>> AllAsync(
        HubChoice choice, NamedPlaces places, CancellationToken cancellation)
    {
        var findings = await HubAsync(choice with { Ca = choice.Ca ?? places.Ca }, cancellation);
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

    private static async Task<List<Finding>> HubAsync(HubChoice choice, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        try
        {
            using var client = HubOptions.Connect(choice);
            var clock = TimeProvider.System;
            var begun = clock.GetUtcNow();
            var (date, _) = await client.ReadDateAsync(cancellation);
            var ended = clock.GetUtcNow();
            findings.Add(Finding.Ok(
                "hub-reach", $"{choice.Hub} answers in {(ended - begun).TotalMilliseconds:0} ms"));
            findings.Add(Clock(date, begun, ended));
            findings.Add(await client.IsReadyAsync(cancellation)
                ? Finding.Ok("hub-ready", "the hub is ready")
                : Finding.Warn("hub-ready", "the hub is up but not ready",
                    $"see what it waits for: {choice.Hub}readyz"));
            findings.Add(await TokenAsync(client, choice, cancellation));
        }
        catch (HubException fault)
        {
            findings.Add(Finding.Fail(
                "hub-reach", fault.Message,
                "is the hub up, is this its address (--hub, --context), and does a firewall let it through?"));
        }

        return findings;
    }

    private static Finding Clock(DateTimeOffset? date, DateTimeOffset begun, DateTimeOffset ended)
    {
        const string Check = "clock";
        const string Remedy =
            "set both clocks by a time service: timedatectl set-ntp true on this machine and the hub's";
        if (date is not { } hub)
            return Finding.Warn(Check, "the hub's answer has no date", "is a proxy between here and the hub?");
        // Somewhere within the second that it names, and within the time that the question took.
        var skew = begun > hub.AddSeconds(1) ? (begun - hub).TotalSeconds - 1
            : ended < hub ? (ended - hub).TotalSeconds : 0;
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"this clock is {Math.Abs(skew):0.#} s {(skew > 0 ? "ahead of" : "behind")} the hub's");
        return Math.Abs(skew) switch
        {
            <= SkewSmall => Finding.Ok(Check, "this clock and the hub's agree"),
            <= SkewLarge => Finding.Warn(Check, words, Remedy),
            _ => Finding.Fail(Check, words, Remedy),
        };
    }

    private static async Task<Finding> TokenAsync(HubClient client, HubChoice choice, CancellationToken cancellation)
    {
        const string Check = "token";
        if (choice.Token is null)
        {
            return Finding.Warn(
                Check, "no token is known here", "sign in with 'lepton login', or give --token-file or LEPTON_TOKEN");
        }

        try
        {
            await client.GetAsync("api/v1/plan/controls", cancellation);
            return Finding.Ok(Check, "the hub accepts the token");
        }
        catch (HubException fault)
        {
            return Finding.Fail(Check, fault.Message, "sign in again: lepton login");
        }
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
