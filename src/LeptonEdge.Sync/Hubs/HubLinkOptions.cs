using System.Security.Cryptography.X509Certificates;

namespace LeptonEdge.Sync.Hubs;

/// <summary>How the hub's ingest reaches the broker, embedded or external.</summary>
public sealed record HubLinkOptions
{
    public required string Host { get; init; }

    /// <summary>TCP port, 1 to 65,535.</summary>
    public required int Port { get; init; }

    /// <summary>The hub's certificate with its key; null speaks plain TCP.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    public X509Certificate2Collection? TrustRoots { get; init; }

    /// <summary>Unique among the hub's replicas.</summary>
    public string ClientId { get; init; } = "hub-0";

    /// <summary>Whether replicas of the hub share the devices between them; needs a broker with shared subscriptions,
    /// which an external MQTT 5 broker has and the embedded one does not promise.</summary>
    public bool Shared { get; init; }

    /// <summary>Messages that the broker may have on the way to this hub, 1 to 65,535.</summary>
    public ushort ReceiveMaximum { get; init; } = 256;

    /// <summary>How much the ingest takes at once.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>A larger report is dropped; reports are a few kilobytes.</summary>
    public int ReportBytesMax { get; init; } = 1024 * 1024;

    /// <summary>A larger message with lines of a log is dropped; devices send at most half of this at once.</summary>
    public int LogBytesMax { get; init; } = 64 * 1024;

    /// <summary>For TLS, CONNECT and SUBSCRIBE together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(5);
}
