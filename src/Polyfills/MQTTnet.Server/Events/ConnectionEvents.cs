using System.Collections;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server;

/// <summary>How a connection ended: with a goodbye, without one, or because the same client connected again.</summary>
public enum MqttClientDisconnectType
{
    Clean,
    NotClean,
    Takeover,
}

/// <summary>A client asks to connect; set <see cref="ReasonCode"/> to refuse it.</summary>
public sealed class ValidatingConnectionEventArgs : EventArgs
{
    private readonly MqttConnectPacket _connect;
    private readonly ServerChannel _channel;

    internal ValidatingConnectionEventArgs(MqttConnectPacket connect, ServerChannel channel, IDictionary sessionItems)
    {
        _connect = connect;
        _channel = channel;
        SessionItems = sessionItems;
    }

    /// <summary>A client identifier of the server's choice (MQTT 5).</summary>
    public string? AssignedClientIdentifier { get; set; }

    public string? AuthenticationMethod => _connect.Properties?.Text(MqttPropertyId.AuthenticationMethod);

    public bool? CleanSession => _connect.CleanSession;

    /// <summary>The certificate that the client proved in its TLS handshake; null without one.</summary>
    public X509Certificate2? ClientCertificate => _channel.ClientCertificate;

    public string ClientId => _connect.ClientId;

    public string? Endpoint => _channel.RemoteEndPoint?.ToString();

    public bool IsSecureConnection => _channel.IsSecure;

    public ushort? KeepAlivePeriod => _connect.KeepAlivePeriod;

    public uint MaximumPacketSize => _connect.MaximumPacketSize;

    public string? Password => _connect.Password is null ? null : Encoding.UTF8.GetString(_connect.Password);

    public MqttProtocolVersion ProtocolVersion => _connect.ProtocolVersion;

    public byte[]? RawPassword => _connect.Password;

    public MqttConnectReasonCode ReasonCode { get; set; } = MqttConnectReasonCode.Success;

    public string? ReasonString { get; set; }

    public ushort ReceiveMaximum => _connect.ReceiveMaximum;

    public List<MqttUserProperty>? ResponseUserProperties { get; set; }

    public string? ServerReference { get; set; }

    public uint SessionExpiryInterval => _connect.SessionExpiryInterval;

    /// <summary>Kept with the session and shown to every later event of this client.</summary>
    public IDictionary SessionItems { get; }

    public ushort TopicAliasMaximum => _connect.TopicAliasMaximum;

    public string? UserName => _connect.Username;

    public List<MqttUserProperty>? UserProperties => _connect.UserProperties;

    public uint WillDelayInterval => _connect.WillDelayInterval;
}

/// <summary>A client connected, and has its CONNACK.</summary>
public sealed class ClientConnectedEventArgs : EventArgs
{
    private readonly MqttConnectPacket _connect;

    internal ClientConnectedEventArgs(MqttConnectPacket connect, string? endpoint, IDictionary sessionItems)
    {
        _connect = connect;
        Endpoint = endpoint;
        SessionItems = sessionItems;
    }

    public string ClientId => _connect.ClientId;

    public string? Endpoint { get; }

    public MqttProtocolVersion ProtocolVersion => _connect.ProtocolVersion;

    public IDictionary SessionItems { get; }

    public string? UserName => _connect.Username;

    public List<MqttUserProperty>? UserProperties => _connect.UserProperties;
}

/// <summary>A client's connection ended.</summary>
public sealed class ClientDisconnectedEventArgs : EventArgs
{
    private readonly MqttDisconnectPacket? _goodbye;

    internal ClientDisconnectedEventArgs(
        string clientId,
        MqttDisconnectPacket? goodbye,
        MqttClientDisconnectType disconnectType,
        EndPoint? endpoint,
        IDictionary sessionItems)
    {
        ClientId = clientId;
        DisconnectType = disconnectType;
        Endpoint = endpoint?.ToString();
        SessionItems = sessionItems;
        _goodbye = goodbye;
    }

    public string ClientId { get; }

    public MqttClientDisconnectType DisconnectType { get; }

    public string? Endpoint { get; }

    /// <summary>What the client gave as its reason; null when it left without a word.</summary>
    public MqttDisconnectReasonCode? ReasonCode => _goodbye?.ReasonCode;

    public string? ReasonString => _goodbye?.ReasonString;

    public uint SessionExpiryInterval => _goodbye?.SessionExpiryInterval ?? 0;

    public IDictionary SessionItems { get; }

    public List<MqttUserProperty>? UserProperties => _goodbye?.UserProperties;
}

/// <summary>A session is no more: it expired, was replaced by a clean one, or was deleted.</summary>
public sealed class SessionDeletedEventArgs : EventArgs
{
    public SessionDeletedEventArgs(string id, IDictionary sessionItems)
    {
        Id = id;
        SessionItems = sessionItems;
    }

    public string Id { get; }

    public IDictionary SessionItems { get; }
}
