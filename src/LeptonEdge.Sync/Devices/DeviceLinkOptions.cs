using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Sync.Devices;

/// <summary>How a device reaches the broker of its hub.</summary>
public sealed record DeviceLinkOptions
{
    public required TenantId Tenant { get; init; }

    public required DeviceId Device { get; init; }

    public required string Host { get; init; }

    /// <summary>TCP port, 1 to 65,535.</summary>
    public required int Port { get; init; }

    /// <summary>The device's certificate with its key; null speaks plain TCP (only ever within one machine or a
    /// test).</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The only authorities that the broker's certificate may come from.</summary>
    public X509Certificate2Collection? TrustRoots { get; init; }

    /// <summary>The window in flight, and how patient sending is.</summary>
    public SenderRules Sending { get; init; } = new();

    /// <summary>The first pause before connecting again; it doubles, with jitter, up to
    /// <see cref="ReconnectDelayMax"/>.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For TLS, CONNECT and SUBSCRIBE together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Every fault, as sentences that name the field; empty when the options are sound.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Host))
            yield return "host: is empty; name the machine that the hub's broker runs on";
        if (Port is < 1 or > 65_535)
            yield return $"port: {Port} is not within 1 to 65535";
        foreach (var fault in Sending.Faults())
            yield return fault;
    }
}
