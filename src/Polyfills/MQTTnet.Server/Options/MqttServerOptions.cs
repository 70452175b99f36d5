using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>What gives way when a session's queue is full.</summary>
public enum MqttPendingMessagesOverflowStrategy
{
    DropOldestQueuedMessage,
    DropNewMessage,
}

/// <summary>A TCP port that the server listens on by itself (behind Kestrel none is needed).</summary>
public abstract class MqttServerTcpEndpointBaseOptions
{
    public IPAddress BoundInterNetworkAddress { get; set; } = IPAddress.Any;

    public int ConnectionBacklog { get; set; } = 100;

    public bool IsEnabled { get; set; }

    public bool NoDelay { get; set; } = true;

    public int Port { get; set; }
}

/// <summary>The plain port; 1883 unless set.</summary>
public sealed class MqttServerTcpEndpointOptions : MqttServerTcpEndpointBaseOptions
{
    public MqttServerTcpEndpointOptions()
    {
        IsEnabled = true;
        Port = MqttPorts.Default;
    }
}

/// <summary>The TLS port; 8883 unless set.</summary>
public sealed class MqttServerTlsTcpEndpointOptions : MqttServerTcpEndpointBaseOptions
{
    public MqttServerTlsTcpEndpointOptions() => Port = MqttPorts.Secure;

    public bool CheckCertificateRevocation { get; set; }

    public bool ClientCertificateRequired { get; set; }

    public RemoteCertificateValidationCallback? RemoteCertificateValidationCallback { get; set; }

    public SslProtocols SslProtocol { get; set; } = SslProtocols.None;

    internal X509Certificate2? Certificate { get; set; }
}

/// <summary>The server's settings; MqttServerOptionsBuilder makes them.</summary>
public sealed class MqttServerOptions
{
    /// <summary>
    /// Limit of one answer that is due: CONNECT after the connection, and the peer's reading of what is sent.
    /// </summary>
    public TimeSpan DefaultCommunicationTimeout { get; set; } = TimeSpan.FromSeconds(100);

    public MqttServerTcpEndpointOptions DefaultEndpointOptions { get; } = new();

    /// <summary>False (the default): a session ends with its connection.</summary>
    public bool EnablePersistentSessions { get; set; }

    /// <summary>Messages that wait for one session, beside those that are in flight.</summary>
    public int MaxPendingMessagesPerClient { get; set; } = 1000;

    public MqttPendingMessagesOverflowStrategy PendingMessagesOverflowStrategy { get; set; }

    public MqttServerTlsTcpEndpointOptions TlsEndpointOptions { get; } = new();
}

/// <summary>Builds the server's settings; the plain endpoint is on unless it is taken away.</summary>
public class MqttServerOptionsBuilder
{
    private readonly MqttServerOptions _options = new();

    public MqttServerOptions Build() => _options;

    public MqttServerOptionsBuilder WithClientCertificate(
        RemoteCertificateValidationCallback? validationCallback = null, bool checkCertificateRevocation = false) =>
        With(o =>
        {
            o.TlsEndpointOptions.ClientCertificateRequired = true;
            o.TlsEndpointOptions.CheckCertificateRevocation = checkCertificateRevocation;
            o.TlsEndpointOptions.RemoteCertificateValidationCallback = validationCallback;
        });

    public MqttServerOptionsBuilder WithConnectionBacklog(int value) => With(o =>
        o.DefaultEndpointOptions.ConnectionBacklog = o.TlsEndpointOptions.ConnectionBacklog = value);

    public MqttServerOptionsBuilder WithDefaultCommunicationTimeout(TimeSpan value) =>
        With(o => o.DefaultCommunicationTimeout = value);

    public MqttServerOptionsBuilder WithDefaultEndpoint() => With(o => o.DefaultEndpointOptions.IsEnabled = true);

    public MqttServerOptionsBuilder WithDefaultEndpointBoundIPAddress(IPAddress value) =>
        With(o => o.DefaultEndpointOptions.BoundInterNetworkAddress = value ?? IPAddress.Any);

    public MqttServerOptionsBuilder WithDefaultEndpointPort(int value) =>
        With(o => o.DefaultEndpointOptions.Port = value);

    public MqttServerOptionsBuilder WithEncryptedEndpoint() => With(o => o.TlsEndpointOptions.IsEnabled = true);

    public MqttServerOptionsBuilder WithEncryptedEndpointBoundIPAddress(IPAddress value) =>
        With(o => o.TlsEndpointOptions.BoundInterNetworkAddress = value);

    public MqttServerOptionsBuilder WithEncryptedEndpointPort(int value) =>
        With(o => o.TlsEndpointOptions.Port = value);

    public MqttServerOptionsBuilder WithEncryptionCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return With(o => o.TlsEndpointOptions.Certificate = certificate);
    }

    public MqttServerOptionsBuilder WithEncryptionSslProtocol(SslProtocols value) =>
        With(o => o.TlsEndpointOptions.SslProtocol = value);

    public MqttServerOptionsBuilder WithMaxPendingMessagesPerClient(int value) =>
        With(o => o.MaxPendingMessagesPerClient = value);

    public MqttServerOptionsBuilder WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy value) =>
        With(o => o.PendingMessagesOverflowStrategy = value);

    public MqttServerOptionsBuilder WithPersistentSessions(bool value = true) =>
        With(o => o.EnablePersistentSessions = value);

    public MqttServerOptionsBuilder WithoutDefaultEndpoint() => With(o => o.DefaultEndpointOptions.IsEnabled = false);

    public MqttServerOptionsBuilder WithoutEncryptedEndpoint() => With(o => o.TlsEndpointOptions.IsEnabled = false);

    private MqttServerOptionsBuilder With(Action<MqttServerOptions> change)
    {
        change(_options);
        return this;
    }
}

/// <summary>What one client is told when the server ends its connection.</summary>
public sealed class MqttServerClientDisconnectOptions
{
    public MqttDisconnectReasonCode ReasonCode { get; set; } = MqttDisconnectReasonCode.NormalDisconnection;

    public string? ReasonString { get; set; }

    public string? ServerReference { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>What all clients are told when the server stops.</summary>
public sealed class MqttServerStopOptions
{
    public MqttServerClientDisconnectOptions DefaultClientDisconnectOptions { get; set; } =
        new() { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown };
}
