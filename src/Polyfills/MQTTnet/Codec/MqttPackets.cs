using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>The control packets' numbers: the high half of a packet's first byte.</summary>
internal enum MqttPacketType
{
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
}

/// <summary>A packet as it was decoded, or as it will be encoded.</summary>
internal abstract class MqttPacket
{
    public abstract MqttPacketType Type { get; }

    /// <summary>
    /// MQTT 5's properties; null when there are none. PUBLISH and the will keep theirs in the message.
    /// </summary>
    public MqttProperties? Properties { get; set; }

    public string? ReasonString => Properties?.Text(MqttPropertyId.ReasonString);

    public List<MqttUserProperty>? UserProperties => Properties?.UserProperties;
}

internal sealed class MqttConnectPacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Connect;

    public MqttProtocolVersion ProtocolVersion { get; set; } = MqttProtocolVersion.V500;

    /// <summary>mosquitto's bridge bit in the protocol level.</summary>
    public bool TryPrivate { get; set; }

    public bool CleanSession { get; set; }

    public ushort KeepAlivePeriod { get; set; }

    public string ClientId { get; set; } = string.Empty;

    public string? Username { get; set; }

    public byte[]? Password { get; set; }

    public MqttApplicationMessage? Will { get; set; }

    /// <summary>Seconds between the loss of the connection and the will.</summary>
    public uint WillDelayInterval { get; set; }

    public uint SessionExpiryInterval => Properties?.Number(MqttPropertyId.SessionExpiryInterval) ?? 0;

    public ushort ReceiveMaximum => (ushort)(Properties?.Number(MqttPropertyId.ReceiveMaximum) ?? 0);

    public uint MaximumPacketSize => Properties?.Number(MqttPropertyId.MaximumPacketSize) ?? 0;

    public ushort TopicAliasMaximum => (ushort)(Properties?.Number(MqttPropertyId.TopicAliasMaximum) ?? 0);
}

internal sealed class MqttConnAckPacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.ConnAck;

    public bool IsSessionPresent { get; set; }

    /// <summary>MQTT 5's code; on the 3.1.1 wire it is translated both ways.</summary>
    public MqttConnectReasonCode ReasonCode { get; set; }
}

internal sealed class MqttPublishPacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Publish;

    public ushort PacketIdentifier { get; set; }

    public required MqttApplicationMessage Message { get; init; }
}

/// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP: a packet identifier and a reason.</summary>
internal sealed class MqttAckPacket(MqttPacketType type) : MqttPacket
{
    public override MqttPacketType Type => type;

    public ushort PacketIdentifier { get; set; }

    public int ReasonCode { get; set; }
}

internal sealed class MqttSubscribePacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Subscribe;

    public ushort PacketIdentifier { get; set; }

    public List<MqttTopicFilter> TopicFilters { get; init; } = [];

    public uint SubscriptionIdentifier => Properties?.Number(MqttPropertyId.SubscriptionIdentifier) ?? 0;
}

internal sealed class MqttUnsubscribePacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Unsubscribe;

    public ushort PacketIdentifier { get; set; }

    public List<string> TopicFilters { get; init; } = [];
}

/// <summary>SUBACK or UNSUBACK: one code per filter.</summary>
internal sealed class MqttGrantPacket(MqttPacketType type) : MqttPacket
{
    public override MqttPacketType Type => type;

    public ushort PacketIdentifier { get; set; }

    /// <summary>Empty for a 3.1.1 UNSUBACK, which carries none.</summary>
    public byte[] ReasonCodes { get; set; } = [];
}

internal sealed class MqttPingPacket(MqttPacketType type) : MqttPacket
{
    public static readonly MqttPingPacket Request = new(MqttPacketType.PingReq);
    public static readonly MqttPingPacket Response = new(MqttPacketType.PingResp);

    public override MqttPacketType Type => type;
}

internal sealed class MqttDisconnectPacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Disconnect;

    public MqttDisconnectReasonCode ReasonCode { get; set; }

    public uint? SessionExpiryInterval => Properties?.Number(MqttPropertyId.SessionExpiryInterval);

    public string? ServerReference => Properties?.Text(MqttPropertyId.ServerReference);
}

internal sealed class MqttAuthPacket : MqttPacket
{
    public override MqttPacketType Type => MqttPacketType.Auth;

    public int ReasonCode { get; set; }
}
