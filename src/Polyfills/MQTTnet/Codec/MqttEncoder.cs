using System.Buffers;
using System.Buffers.Binary;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet.Internal;

/// <summary>Packets to bytes.</summary>
internal static class MqttEncoder
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _body;

    /// <summary>Writes one packet whole.</summary>
    /// <exception cref="MqttProtocolViolationException">A field is longer than the protocol can say.</exception>
    public static void Write(IBufferWriter<byte> output, MqttPacket packet, MqttProtocolVersion version)
    {
        if (packet is MqttPublishPacket publish)
        {
            PublishEncoder.Write(output, publish.Message, PublishHeader.Of(publish), version);
            return;
        }
        if (packet is MqttAckPacket { Properties: null } ack)
        {
            WriteAck(output, ack, version == MqttProtocolVersion.V500 && ack.ReasonCode != 0);
            return;
        }
        // Control packets are small: they are written aside first, for their length comes before them.
        var body = _body ??= new ArrayBufferWriter<byte>(256);
        body.ResetWrittenCount();
        var flags = Body(body, packet, version == MqttProtocolVersion.V500);
        output.Byte(((int)packet.Type << 4) | flags);
        output.VariableInteger((uint)body.WrittenCount);
        output.Write(body.WrittenSpan);
    }

    /// <summary>Bytes of a whole control packet (not of PUBLISH, which is measured without being written).</summary>
    public static long SizeOf(MqttPacket packet, MqttProtocolVersion version)
    {
        var body = _body ??= new ArrayBufferWriter<byte>(256);
        body.ResetWrittenCount();
        Body(body, packet, version == MqttProtocolVersion.V500);
        return 1 + MqttWriter.SizeOfVariableInteger(body.WrittenCount) + body.WrittenCount;
    }

    private static void WriteAck(IBufferWriter<byte> output, MqttAckPacket ack, bool hasReason)
    {
        var span = output.GetSpan(5);
        span[0] = (byte)(((int)ack.Type << 4) | (ack.Type == MqttPacketType.PubRel ? 2 : 0));
        span[1] = (byte)(hasReason ? 3 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], ack.PacketIdentifier);
        span[4] = hasReason ? (byte)ack.ReasonCode : (byte)0;
        output.Advance(hasReason ? 5 : 4);
    }

    private static int Body(IBufferWriter<byte> body, MqttPacket packet, bool isV5)
    {
        switch (packet)
        {
            case MqttConnectPacket connect:
                ConnectEncoder.Write(body, connect);
                return 0;
            case MqttConnAckPacket connAck:
                body.Byte(connAck.IsSessionPresent ? 1 : 0);
                body.Byte(isV5 ? (int)connAck.ReasonCode : ConnectDecoder.ToVersion3(connAck.ReasonCode));
                if (isV5)
                    body.Properties(connAck.Properties);
                return 0;
            case MqttAckPacket ack:
                body.UInt16(ack.PacketIdentifier);
                ReasonAndProperties(body, ack.ReasonCode, ack.Properties, isV5);
                return ack.Type == MqttPacketType.PubRel ? 2 : 0;
            case MqttSubscribePacket subscribe:
                Subscribe(body, subscribe, isV5);
                return 2;
            case MqttUnsubscribePacket unsubscribe:
                body.UInt16(unsubscribe.PacketIdentifier);
                if (isV5)
                    body.Properties(unsubscribe.Properties);
                foreach (var topic in unsubscribe.TopicFilters)
                    body.Text(topic);
                return 2;
            case MqttGrantPacket grant:
                Grant(body, grant, isV5);
                return 0;
            case MqttDisconnectPacket disconnect:
                ReasonAndProperties(body, (int)disconnect.ReasonCode, disconnect.Properties, isV5);
                return 0;
            case MqttAuthPacket auth:
                ReasonAndProperties(body, auth.ReasonCode, auth.Properties, isV5);
                return 0;
            default:
                return 0;
        }
    }

    private static void ReasonAndProperties(IBufferWriter<byte> body, int reason, MqttProperties? properties, bool isV5)
    {
        if (!isV5 || (reason == 0 && properties is null))
            return;
        body.Byte(reason);
        if (properties is not null)
            body.Properties(properties);
    }

    private static void Subscribe(IBufferWriter<byte> body, MqttSubscribePacket packet, bool isV5)
    {
        body.UInt16(packet.PacketIdentifier);
        if (isV5)
            body.Properties(packet.Properties);
        foreach (var filter in packet.TopicFilters)
        {
            body.Text(filter.Topic);
            var options = (int)filter.QualityOfServiceLevel;
            if (isV5)
                options |= (filter.NoLocal ? 4 : 0) | (filter.RetainAsPublished ? 8 : 0)
                    | ((int)filter.RetainHandling << 4);
            body.Byte(options);
        }
    }

    private static void Grant(IBufferWriter<byte> body, MqttGrantPacket packet, bool isV5)
    {
        body.UInt16(packet.PacketIdentifier);
        if (isV5)
            body.Properties(packet.Properties);
        if (!isV5 && packet.Type == MqttPacketType.UnsubAck)
            return;
        foreach (var code in packet.ReasonCodes)
            body.Byte(!isV5 && code >= 0x80 ? 0x80 : code);
    }
}

/// <summary>CONNECT.</summary>
internal static class ConnectEncoder
{
    public static void Write(IBufferWriter<byte> body, MqttConnectPacket packet)
    {
        var isV5 = packet.ProtocolVersion == MqttProtocolVersion.V500;
        body.Text(packet.ProtocolVersion == MqttProtocolVersion.V310 ? "MQIsdp" : "MQTT");
        body.Byte((int)packet.ProtocolVersion | (packet.TryPrivate ? 0x80 : 0));
        body.Byte(Flags(packet));
        body.UInt16(packet.KeepAlivePeriod);
        if (isV5)
            body.Properties(packet.Properties);
        body.Text(packet.ClientId);
        if (packet.Will is { } will)
        {
            if (isV5)
                body.Properties(WillProperties(packet, will));
            body.Text(will.Topic);
            body.Binary(will.Payload.IsSingleSegment ? will.Payload.FirstSpan : will.Payload.ToArray());
        }
        if (packet.Username is not null)
            body.Text(packet.Username);
        if (packet.Password is not null)
            body.Binary(packet.Password);
    }

    private static int Flags(MqttConnectPacket packet)
    {
        var flags = packet.CleanSession ? 2 : 0;
        if (packet.Will is { } will)
            flags |= 4 | ((int)will.QualityOfServiceLevel << 3) | (will.Retain ? 0x20 : 0);
        return flags | (packet.Username is not null ? 0x80 : 0) | (packet.Password is not null ? 0x40 : 0);
    }

    private static MqttProperties? WillProperties(MqttConnectPacket packet, MqttApplicationMessage will)
    {
        var properties = new MqttProperties();
        if (packet.WillDelayInterval > 0)
            properties.Add(MqttPropertyId.WillDelayInterval, packet.WillDelayInterval);
        if (will.PayloadFormatIndicator != 0)
            properties.Add(MqttPropertyId.PayloadFormatIndicator, (uint)will.PayloadFormatIndicator);
        if (will.MessageExpiryInterval > 0)
            properties.Add(MqttPropertyId.MessageExpiryInterval, will.MessageExpiryInterval);
        properties.Add(MqttPropertyId.ContentType, will.ContentType);
        properties.Add(MqttPropertyId.ResponseTopic, will.ResponseTopic);
        properties.Add(MqttPropertyId.CorrelationData, will.CorrelationData);
        return properties.AddUser(will.UserProperties).OrNull();
    }
}
