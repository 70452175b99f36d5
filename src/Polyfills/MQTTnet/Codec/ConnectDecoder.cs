using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>CONNECT and CONNACK: the packets that settle the version all others are read by.</summary>
internal static class ConnectDecoder
{
    public static MqttConnectPacket Read(ref MqttReader reader)
    {
        var packet = new MqttConnectPacket();
        ReadVersion(ref reader, packet);
        try
        {
            return ReadRest(ref reader, packet);
        }
        catch (MqttProtocolViolationException violation)
        {
            throw new ConnectViolationException(packet.ProtocolVersion, violation);
        }
    }

    /// <summary>True when the body of a CONNECT, as far as it is there, names MQTT 5.</summary>
    public static bool IsVersion5(ReadOnlySequence<byte> body)
    {
        var reader = new SequenceReader<byte>(body);
        return reader.IsNext("\0\u0004MQTT\u0005"u8);
    }

    private static MqttConnectPacket ReadRest(ref MqttReader reader, MqttConnectPacket packet)
    {
        var isV5 = packet.ProtocolVersion == MqttProtocolVersion.V500;
        var flags = reader.Byte();
        var hasWill = (flags & 4) != 0;
        if ((flags & 1) != 0 || (flags & 0x18) == 0x18 || (!hasWill && (flags & 0x38) != 0))
            throw MqttReader.Malformed($"The connect flags 0x{flags:X2} are forbidden.");
        if (!isV5 && (flags & 0xC0) == 0x40)
            throw MqttReader.Malformed("A password without a user name needs MQTT 5.");
        packet.CleanSession = (flags & 2) != 0;
        packet.KeepAlivePeriod = reader.UInt16();
        if (isV5)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.Connect));
        if (packet.Properties?.Has(MqttPropertyId.AuthenticationData) == true
            && !packet.Properties.Has(MqttPropertyId.AuthenticationMethod))
            throw new MqttProtocolViolationException("Authentication data needs an authentication method.");
        packet.ClientId = reader.Text();
        if (hasWill)
            ReadWill(ref reader, packet, flags, isV5);
        if ((flags & 0x80) != 0)
            packet.Username = reader.Text();
        if ((flags & 0x40) != 0)
            packet.Password = reader.Binary();
        return reader.IsAtEnd ? packet : throw MqttReader.Malformed("CONNECT is longer than its content.");
    }

    public static MqttConnAckPacket ReadAck(ref MqttReader reader, bool isV5)
    {
        var flags = reader.Byte();
        if (flags > 1)
            throw MqttReader.Malformed($"The connect acknowledge flags 0x{flags:X2} are forbidden.");
        var code = reader.Byte();
        var packet = new MqttConnAckPacket
        {
            IsSessionPresent = flags == 1,
            ReasonCode = isV5 || code >= 128 ? (MqttConnectReasonCode)code : FromVersion3(code),
        };
        // A server that refuses MQTT 5 altogether answers in 3.1.1's form, which has no properties.
        if (isV5 && !reader.IsAtEnd)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.ConnAck));
        return packet;
    }

    public static byte ToVersion3(MqttConnectReasonCode code) => code switch
    {
        MqttConnectReasonCode.Success => 0,
        MqttConnectReasonCode.UnsupportedProtocolVersion => 1,
        MqttConnectReasonCode.ClientIdentifierNotValid => 2,
        MqttConnectReasonCode.BadUserNameOrPassword => 4,
        MqttConnectReasonCode.NotAuthorized or MqttConnectReasonCode.Banned
            or MqttConnectReasonCode.BadAuthenticationMethod => 5,
        _ => 3,
    };

    private static MqttConnectReasonCode FromVersion3(byte code) => code switch
    {
        0 => MqttConnectReasonCode.Success,
        1 => MqttConnectReasonCode.UnsupportedProtocolVersion,
        2 => MqttConnectReasonCode.ClientIdentifierNotValid,
        3 => MqttConnectReasonCode.ServerUnavailable,
        4 => MqttConnectReasonCode.BadUserNameOrPassword,
        5 => MqttConnectReasonCode.NotAuthorized,
        _ => MqttConnectReasonCode.UnspecifiedError,
    };

    private static void ReadVersion(ref MqttReader reader, MqttConnectPacket packet)
    {
        var name = reader.Text();
        if (name is not ("MQTT" or "MQIsdp"))
            throw MqttReader.Malformed("CONNECT does not name MQTT as its protocol.");
        var level = reader.Byte();
        packet.TryPrivate = (level & 0x80) != 0;
        packet.ProtocolVersion = (name, level & 0x7F) switch
        {
            ("MQTT", 5) => MqttProtocolVersion.V500,
            ("MQTT", 4) => MqttProtocolVersion.V311,
            ("MQIsdp", 3) => MqttProtocolVersion.V310,
            _ => throw new UnsupportedVersionException($"Protocol {name} level {level & 0x7F} is not supported."),
        };
    }

    private static void ReadWill(ref MqttReader reader, MqttConnectPacket packet, byte flags, bool isV5)
    {
        var will = new MqttApplicationMessage
        {
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)((flags >> 3) & 3),
            Retain = (flags & 0x20) != 0,
        };
        if (isV5 && reader.Properties(MqttProperties.AllowedInWill) is { } properties)
        {
            PublishDecoder.Apply(properties, will);
            packet.WillDelayInterval = properties.Number(MqttPropertyId.WillDelayInterval) ?? 0;
        }
        will.Topic = reader.Text();
        if (!TopicNames.IsValidName(will.Topic))
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.TopicNameInvalid, "The will's topic is empty, too deep or holds a wildcard.");
        var payload = reader.Binary();
        if (payload.Length > 0)
            will.Payload = new ReadOnlySequence<byte>(payload);
        packet.Will = will;
    }
}

/// <summary>CONNECT asks for a version of the protocol that is not spoken here.</summary>
internal sealed class UnsupportedVersionException(string message)
    : MqttProtocolViolationException(MqttDisconnectReasonCode.ProtocolError, message);

/// <summary>CONNECT is malformed or forbidden, in a version that is known: MQTT 5 clients can be told why.</summary>
internal sealed class ConnectViolationException(MqttProtocolVersion version, MqttProtocolViolationException violation)
    : MqttProtocolViolationException(violation.ReasonCode, violation.Message)
{
    public MqttProtocolVersion Version => version;
}
