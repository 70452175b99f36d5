using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>How a client reaches its server; MqttClientTcpOptions is the one kind there is here.</summary>
public interface IMqttClientChannelOptions
{
    MqttClientTlsOptions TlsOptions { get; }
}

/// <summary>Name and password, asked for at each connect.</summary>
public interface IMqttClientCredentialsProvider
{
    string GetUserName(MqttClientOptions clientOptions);

    byte[]? GetPassword(MqttClientOptions clientOptions);
}

/// <summary>A fixed name and password.</summary>
public sealed class MqttClientCredentials : IMqttClientCredentialsProvider
{
    private readonly string _userName;
    private readonly byte[]? _password;

    public MqttClientCredentials(string userName, byte[]? password = null)
    {
        _userName = userName;
        _password = password;
    }

    public string GetUserName(MqttClientOptions clientOptions) => _userName;

    public byte[]? GetPassword(MqttClientOptions clientOptions) => _password;
}

/// <summary>Everything a connection is made of; MqttClientOptionsBuilder makes it.</summary>
public sealed class MqttClientOptions
{
    public string? AuthenticationMethod { get; set; }

    public IMqttClientChannelOptions ChannelOptions { get; set; } = null!;

    /// <summary>True (the default): begin without the server's memory of this client.</summary>
    public bool CleanSession { get; set; } = true;

    public string ClientId { get; set; } = Guid.NewGuid().ToString("N");

    public IMqttClientCredentialsProvider? Credentials { get; set; }

    /// <summary>How long the line may be silent before a PINGREQ; zero sends none.</summary>
    public TimeSpan KeepAlivePeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The largest packet, in bytes, that the server may send; 0 leaves it to the protocol (256 MiB).
    /// </summary>
    public uint MaximumPacketSize { get; set; }

    public MqttProtocolVersion ProtocolVersion { get; set; } = MqttProtocolVersion.V500;

    /// <summary>How many unacknowledged messages the server may send; 0 leaves it to the protocol (65,535).</summary>
    public ushort ReceiveMaximum { get; set; }

    public bool RequestProblemInformation { get; set; } = true;

    public bool RequestResponseInformation { get; set; }

    /// <summary>Seconds that the server keeps the session after the connection ended (MQTT 5).</summary>
    public uint SessionExpiryInterval { get; set; }

    /// <summary>Limit of connecting, and of each exchange whose call has no cancellation of its own.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    public ushort TopicAliasMaximum { get; set; }

    /// <summary>Sets mosquitto's bridge bit in CONNECT's protocol level.</summary>
    public bool TryPrivate { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    /// <summary>True: a property that the protocol version cannot carry is an error; false: it is left out.</summary>
    public bool ValidateFeatures { get; set; } = true;

    public string? WillContentType { get; set; }

    public byte[]? WillCorrelationData { get; set; }

    /// <summary>Seconds between the loss of the connection and the will.</summary>
    public uint WillDelayInterval { get; set; }

    public uint WillMessageExpiryInterval { get; set; }

    public byte[]? WillPayload { get; set; }

    public MqttPayloadFormatIndicator WillPayloadFormatIndicator { get; set; }

    public MqttQualityOfServiceLevel WillQualityOfServiceLevel { get; set; }

    public string? WillResponseTopic { get; set; }

    public bool WillRetain { get; set; }

    public string? WillTopic { get; set; }

    public List<MqttUserProperty>? WillUserProperties { get; set; }
}
