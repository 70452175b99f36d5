using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Server.Internal;

/// <summary>One accepted connection, whoever accepted it: Kestrel or the server's own listener.</summary>
internal sealed class ServerChannel
{
    public required IDuplexPipe Transport { get; init; }

    public EndPoint? RemoteEndPoint { get; init; }

    public X509Certificate2? ClientCertificate { get; init; }

    public bool IsSecure { get; init; }

    /// <summary>Whoever accepted the connection wants it to end: the listener stops.</summary>
    public CancellationToken Closing { get; init; }

    /// <summary>Drops the connection as it is, for a peer that no longer reads.</summary>
    public required Action Abort { get; init; }
}

/// <summary>
/// What one client may cost, whatever it claims (all are told to MQTT 5 clients in CONNACK where it has a word).
/// </summary>
internal static class ServerLimits
{
    public const uint PacketBytesMax = 16 * 1024 * 1024;
    public const uint ConnectBytesMax = 256 * 1024;
    public const ushort ReceiveMaximum = 1024;
    public const int InFlightMax = 1024;
    public const ushort TopicAliasMaximum = 16;
    public const int OutgoingAliasesMax = 1024;
    public const int SubscriptionsMax = 4096;
    public const int SessionsMax = 100_000;
    public const int RetainedMax = 100_000;
    public const long RetainedBytesMax = 256L * 1024 * 1024;
    public const int KeptPendingMax = 50_000;
    public const long PendingBytesMax = 64L * 1024 * 1024;
}
