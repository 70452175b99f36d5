using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>
/// What differs from receiver to receiver of one message, so that all of them share the message itself.
/// </summary>
internal readonly record struct PublishHeader(
    ushort PacketIdentifier,
    MqttQualityOfServiceLevel QualityOfServiceLevel,
    bool Dup,
    bool Retain,
    uint MessageExpiryInterval,
    List<uint>? SubscriptionIdentifiers)
{
    /// <summary>Stands for the topic on this connection; 0: none.</summary>
    public ushort TopicAlias { get; init; }

    /// <summary>The receiver knows the alias already: the topic itself is left out.</summary>
    public bool OmitsTopic { get; init; }

    public static PublishHeader Of(MqttPublishPacket packet) => new(
        packet.PacketIdentifier,
        packet.Message.QualityOfServiceLevel,
        packet.Message.Dup,
        packet.Message.Retain,
        packet.Message.MessageExpiryInterval,
        packet.Message.SubscriptionIdentifiers)
    {
        TopicAlias = packet.Message.TopicAlias,
    };
}

/// <summary>
/// PUBLISH, written straight into the output: its size is known beforehand and nothing is allocated.
/// </summary>
internal static class PublishEncoder
{
    private const int SmallBytesMax = 2048;

    /// <summary>Bytes of the whole packet.</summary>
    public static long SizeOf(MqttApplicationMessage message, in PublishHeader header, MqttProtocolVersion version)
    {
        var remaining = Remaining(message, header, version, out _);
        return 1 + MqttWriter.SizeOfVariableInteger(remaining) + remaining;
    }

    public static void Write(
        IBufferWriter<byte> output,
        MqttApplicationMessage message,
        in PublishHeader header,
        MqttProtocolVersion version)
    {
        var remaining = Remaining(message, header, version, out var propertyBytes);
        if (remaining > 268_435_455)
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.PacketTooLarge, $"A message of {remaining} bytes is too large for MQTT.");
        if (propertyBytes == 0 && remaining <= SmallBytesMax && message.Payload.IsSingleSegment)
        {
            WriteSmall(output, message, header, version, (int)remaining);
            return;
        }
        output.Byte(FirstByte(header));
        output.VariableInteger((uint)remaining);
        output.Text(header.OmitsTopic ? string.Empty : message.Topic);
        if (header.QualityOfServiceLevel > 0)
            output.UInt16(header.PacketIdentifier);
        if (version == MqttProtocolVersion.V500)
            WriteProperties(output, message, header, (uint)propertyBytes);
        foreach (var part in message.Payload)
            output.Write(part.Span);
    }

    private static int FirstByte(in PublishHeader header) => ((int)MqttPacketType.Publish << 4)
        | (header.Dup ? 8 : 0) | ((int)header.QualityOfServiceLevel << 1) | (header.Retain ? 1 : 0);

    /// <summary>The common packet, in one span: no properties, and a payload in one piece.</summary>
    private static void WriteSmall(
        IBufferWriter<byte> output,
        MqttApplicationMessage message,
        in PublishHeader header,
        MqttProtocolVersion version,
        int remaining)
    {
        var begin = 1 + MqttWriter.SizeOfVariableInteger(remaining);
        var span = output.GetSpan(begin + remaining)[..(begin + remaining)];
        span[0] = (byte)FirstByte(header);
        span[1] = (byte)(begin == 2 ? remaining : (remaining & 0x7F) | 0x80);
        if (begin == 3)
            span[2] = (byte)(remaining >> 7);
        var topic = header.OmitsTopic ? 0 : Encoding.UTF8.GetBytes(message.Topic, span[(begin + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(span[begin..], (ushort)topic);
        var at = begin + 2 + topic;
        if (header.QualityOfServiceLevel > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], header.PacketIdentifier);
            at += 2;
        }
        if (version == MqttProtocolVersion.V500)
            span[at++] = 0;
        message.Payload.FirstSpan.CopyTo(span[at..]);
        output.Advance(span.Length);
    }

    private static long Remaining(
        MqttApplicationMessage message, in PublishHeader header, MqttProtocolVersion version, out long propertyBytes)
    {
        propertyBytes = 0;
        var identifier = header.QualityOfServiceLevel > 0 ? 2 : 0;
        var size = (header.OmitsTopic ? 2 : MqttWriter.SizeOf(message.Topic)) + identifier + message.Payload.Length;
        if (version != MqttProtocolVersion.V500)
            return size;
        propertyBytes = PropertyBytes(message, header);
        return size + MqttWriter.SizeOfVariableInteger(propertyBytes) + propertyBytes;
    }

    private static long PropertyBytes(MqttApplicationMessage message, in PublishHeader header)
    {
        long size = (message.PayloadFormatIndicator != 0 ? 2 : 0) + (header.MessageExpiryInterval > 0 ? 5 : 0)
            + (header.TopicAlias > 0 ? 3 : 0);
        if (message.ContentType is not null)
            size += 1 + MqttWriter.SizeOf(message.ContentType);
        if (message.ResponseTopic is not null)
            size += 1 + MqttWriter.SizeOf(message.ResponseTopic);
        if (message.CorrelationData is not null)
            size += 1 + MqttWriter.SizeOf(message.CorrelationData);
        if (header.SubscriptionIdentifiers is not null)
        {
            foreach (var id in header.SubscriptionIdentifiers)
                size += 1 + MqttWriter.SizeOfVariableInteger(id);
        }
        if (message.UserProperties is not null)
        {
            foreach (var property in message.UserProperties)
                size += 1 + MqttWriter.SizeOf(property.Name) + MqttWriter.SizeOf(property.Value);
        }
        return size;
    }

    private static void WriteProperties(
        IBufferWriter<byte> output, MqttApplicationMessage message, in PublishHeader header, uint propertyBytes)
    {
        output.VariableInteger(propertyBytes);
        if (propertyBytes == 0)
            return;
        if (message.PayloadFormatIndicator != 0)
        {
            output.Byte((int)MqttPropertyId.PayloadFormatIndicator);
            output.Byte((int)message.PayloadFormatIndicator);
        }
        if (header.MessageExpiryInterval > 0)
        {
            output.Byte((int)MqttPropertyId.MessageExpiryInterval);
            output.UInt32(header.MessageExpiryInterval);
        }
        if (header.TopicAlias > 0)
        {
            output.Byte((int)MqttPropertyId.TopicAlias);
            output.UInt16(header.TopicAlias);
        }
        WriteText(output, MqttPropertyId.ContentType, message.ContentType);
        WriteText(output, MqttPropertyId.ResponseTopic, message.ResponseTopic);
        if (message.CorrelationData is not null)
        {
            output.Byte((int)MqttPropertyId.CorrelationData);
            output.Binary(message.CorrelationData);
        }
        if (header.SubscriptionIdentifiers is not null)
            WriteSubscriptionIdentifiers(output, header.SubscriptionIdentifiers);
        if (message.UserProperties is not null)
            WriteUserProperties(output, message.UserProperties);
    }

    private static void WriteSubscriptionIdentifiers(IBufferWriter<byte> output, List<uint> ids)
    {
        foreach (var id in ids)
        {
            output.Byte((int)MqttPropertyId.SubscriptionIdentifier);
            output.VariableInteger(id);
        }
    }

    private static void WriteUserProperties(IBufferWriter<byte> output, List<MqttUserProperty> properties)
    {
        foreach (var property in properties)
        {
            output.Byte((int)MqttPropertyId.UserProperty);
            output.Text(property.Name);
            output.Text(property.Value);
        }
    }

    private static void WriteText(IBufferWriter<byte> output, MqttPropertyId id, string? text)
    {
        if (text is null)
            return;
        output.Byte((int)id);
        output.Text(text);
    }
}
