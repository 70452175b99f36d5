using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>
/// Bytes to packets (MQTT 5, 3.1.1 and 3.1). Pure: nothing is allocated for a length that is only claimed.
/// </summary>
internal static class MqttDecoder
{
    /// <summary>The protocol's own limit: a remaining length of four bytes, and the five bytes before it.</summary>
    public const uint PacketBytesMax = 268_435_455 + 5;

    /// <summary>Takes the first packet off the buffer.</summary>
    /// <returns>The packet, or null while its bytes are not all there.</returns>
    /// <exception cref="MqttProtocolViolationException">
    /// The bytes are no packet of this version, or too many.
    /// </exception>
    public static MqttPacket? TryRead(
        ref ReadOnlySequence<byte> buffer, MqttProtocolVersion version, uint packetBytesMax, TopicCache? topics = null)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var first))
            return null;
        CheckFlags(first);
        // Until CONNECT was read its version is not known, and only MQTT 5 forbids a length longer than it need be.
        var isStrict = version == MqttProtocolVersion.V500 && first >> 4 != (int)MqttPacketType.Connect;
        if (!TryReadLength(ref reader, isStrict, out var length))
            return null;
        if (length + reader.Consumed > packetBytesMax)
            throw TooLarge(first, reader.UnreadSequence, length + reader.Consumed, packetBytesMax);
        if (reader.Remaining < length)
            return null;
        var body = reader.UnreadSequence.Slice(0, length);
        var packet = Body(first, body, version, topics);
        buffer = buffer.Slice(body.End);
        return packet;
    }

    private static void CheckFlags(byte first)
    {
        var flags = first & 0x0F;
        var isRight = (MqttPacketType)(first >> 4) switch
        {
            MqttPacketType.Publish => (flags & 0x06) != 0x06 && (flags & 0x0E) != 0x08,
            MqttPacketType.PubRel or MqttPacketType.Subscribe or MqttPacketType.Unsubscribe => flags == 2,
            0 => false,
            _ => flags == 0,
        };
        if (!isRight)
            throw MqttReader.Malformed($"A packet begins with the forbidden byte 0x{first:X2}.");
    }

    private static MqttProtocolViolationException TooLarge(
        byte first, ReadOnlySequence<byte> body, long bytes, uint bytesMax)
    {
        var violation = new MqttProtocolViolationException(
            MqttDisconnectReasonCode.PacketTooLarge,
            $"A packet of {bytes} bytes is over the limit of {bytesMax} bytes.");
        return first >> 4 == (int)MqttPacketType.Connect && ConnectDecoder.IsVersion5(body)
            ? new ConnectViolationException(MqttProtocolVersion.V500, violation) : violation;
    }

    private static bool TryReadLength(ref SequenceReader<byte> reader, bool isStrict, out uint length)
    {
        length = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (!reader.TryRead(out var part))
                return false;
            length |= (uint)(part & 0x7F) << shift;
            if (part >= 0x80)
                continue;
            if (isStrict && part == 0 && shift > 0)
                throw MqttReader.Malformed("The remaining length has more bytes than it needs.");
            return true;
        }
        throw MqttReader.Malformed("The remaining length is longer than four bytes.");
    }

    private static MqttPacket Body(
        byte first, ReadOnlySequence<byte> body, MqttProtocolVersion version, TopicCache? topics)
    {
        var reader = new MqttReader(body);
        var type = (MqttPacketType)(first >> 4);
        var isV5 = version == MqttProtocolVersion.V500;
        MqttPacket packet = type switch
        {
            MqttPacketType.Connect => ConnectDecoder.Read(ref reader),
            MqttPacketType.ConnAck => ConnectDecoder.ReadAck(ref reader, isV5),
            MqttPacketType.Publish => PublishDecoder.Read(ref reader, first, isV5, topics),
            MqttPacketType.PubAck or MqttPacketType.PubRec or MqttPacketType.PubRel or MqttPacketType.PubComp
                => Ack(ref reader, type, isV5),
            MqttPacketType.Subscribe => Subscribe(ref reader, isV5),
            MqttPacketType.Unsubscribe => Unsubscribe(ref reader, isV5),
            MqttPacketType.SubAck or MqttPacketType.UnsubAck => Grant(ref reader, type, isV5),
            MqttPacketType.PingReq => MqttPingPacket.Request,
            MqttPacketType.PingResp => MqttPingPacket.Response,
            MqttPacketType.Disconnect => Disconnect(ref reader, isV5),
            _ => Auth(ref reader, isV5),
        };
        return reader.IsAtEnd ? packet : throw MqttReader.Malformed($"{type} is longer than its content.");
    }

    private static MqttAckPacket Ack(ref MqttReader reader, MqttPacketType type, bool isV5)
    {
        var packet = new MqttAckPacket(type) { PacketIdentifier = reader.PacketIdentifier() };
        if (isV5 && !reader.IsAtEnd)
            packet.ReasonCode = reader.Byte();
        if (isV5 && !reader.IsAtEnd)
            packet.Properties = reader.Properties(MqttProperties.Allowed(type));
        return packet;
    }

    private static MqttSubscribePacket Subscribe(ref MqttReader reader, bool isV5)
    {
        var packet = new MqttSubscribePacket { PacketIdentifier = reader.PacketIdentifier() };
        if (isV5)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.Subscribe));
        ThrowIfEmpty(reader, MqttPacketType.Subscribe);
        do
        {
            var topic = reader.Text();
            var options = reader.Byte();
            if ((options & (isV5 ? 0xC0 : 0xFC)) != 0)
                throw MqttReader.Malformed($"The subscription options 0x{options:X2} are forbidden.");
            if ((options & 3) == 3 || (options & 0x30) == 0x30)
                throw new MqttProtocolViolationException(
                    $"The subscription options 0x{options:X2} ask for what does not exist.");
            packet.TopicFilters.Add(new MqttTopicFilter
            {
                Topic = topic,
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)(options & 3),
                NoLocal = (options & 4) != 0,
                RetainAsPublished = (options & 8) != 0,
                RetainHandling = (MqttRetainHandling)(options >> 4),
            });
        }
        while (!reader.IsAtEnd);
        return packet;
    }

    private static MqttUnsubscribePacket Unsubscribe(ref MqttReader reader, bool isV5)
    {
        var packet = new MqttUnsubscribePacket { PacketIdentifier = reader.PacketIdentifier() };
        if (isV5)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.Unsubscribe));
        ThrowIfEmpty(reader, MqttPacketType.Unsubscribe);
        do
        {
            packet.TopicFilters.Add(reader.Text());
        }
        while (!reader.IsAtEnd);
        return packet;
    }

    private static void ThrowIfEmpty(in MqttReader reader, MqttPacketType type)
    {
        if (reader.IsAtEnd)
            throw new MqttProtocolViolationException($"{type} names no topic filter.");
    }

    private static MqttGrantPacket Grant(ref MqttReader reader, MqttPacketType type, bool isV5)
    {
        var packet = new MqttGrantPacket(type) { PacketIdentifier = reader.PacketIdentifier() };
        if (isV5)
            packet.Properties = reader.Properties(MqttProperties.Allowed(type));
        packet.ReasonCodes = reader.Rest().ToArray();
        if (packet.ReasonCodes.Length == 0 && (isV5 || type == MqttPacketType.SubAck))
            throw MqttReader.Malformed($"{type} has no reason code.");
        return packet;
    }

    private static MqttDisconnectPacket Disconnect(ref MqttReader reader, bool isV5)
    {
        var packet = new MqttDisconnectPacket();
        if (isV5 && !reader.IsAtEnd)
            packet.ReasonCode = (MqttDisconnectReasonCode)reader.Byte();
        if (isV5 && !reader.IsAtEnd)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.Disconnect));
        return packet;
    }

    private static MqttAuthPacket Auth(ref MqttReader reader, bool isV5)
    {
        if (!isV5)
            throw MqttReader.Malformed("AUTH needs MQTT 5.");
        var packet = new MqttAuthPacket();
        if (!reader.IsAtEnd)
            packet.ReasonCode = reader.Byte();
        if (!reader.IsAtEnd)
            packet.Properties = reader.Properties(MqttProperties.Allowed(MqttPacketType.Auth));
        return packet;
    }
}
