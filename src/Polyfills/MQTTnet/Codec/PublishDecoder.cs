using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>PUBLISH, and the properties that a message and a will share.</summary>
internal static class PublishDecoder
{
    public static MqttPublishPacket Read(ref MqttReader reader, byte first, bool isV5, TopicCache? topics)
    {
        var qos = (MqttQualityOfServiceLevel)((first >> 1) & 3);
        var topic = Topic(ref reader, topics);
        if (topic.Length == 0 && !isV5)
            throw InvalidTopic();
        var packetIdentifier = qos == 0 ? (ushort)0 : reader.PacketIdentifier();
        var properties = isV5
            ? reader.Properties(MqttProperties.AllowedInPublish, repeatsSubscriptionIdentifier: true)
            : null;
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            QualityOfServiceLevel = qos,
            Dup = (first & 8) != 0,
            Retain = (first & 1) != 0,
        };
        if (properties is not null)
            Apply(properties, message);
        if (topic.Length == 0 && message.TopicAlias == 0)
            throw new MqttProtocolViolationException("PUBLISH has neither a topic nor a topic alias.");
        var payload = reader.Rest();
        // The receive buffer is reused at once, so a message owns a copy of its payload.
        if (!payload.IsEmpty)
            message.Payload = new ReadOnlySequence<byte>(payload.ToArray());
        return new MqttPublishPacket { Message = message, PacketIdentifier = packetIdentifier };
    }

    public static void Apply(MqttProperties properties, MqttApplicationMessage message)
    {
        foreach (var (id, number, value) in properties.Items)
        {
            switch (id)
            {
                case MqttPropertyId.PayloadFormatIndicator:
                    message.PayloadFormatIndicator = (MqttPayloadFormatIndicator)number;
                    break;
                case MqttPropertyId.MessageExpiryInterval: message.MessageExpiryInterval = number; break;
                case MqttPropertyId.ContentType: message.ContentType = (string)value!; break;
                case MqttPropertyId.ResponseTopic: message.ResponseTopic = ResponseTopic((string)value!); break;
                case MqttPropertyId.CorrelationData: message.CorrelationData = (byte[])value!; break;
                case MqttPropertyId.TopicAlias: message.TopicAlias = (ushort)number; break;
                case MqttPropertyId.SubscriptionIdentifier:
                    (message.SubscriptionIdentifiers ??= []).Add(number);
                    break;
                case MqttPropertyId.UserProperty:
                    (message.UserProperties ??= []).Add((MqttUserProperty)value!);
                    break;
            }
        }
    }

    /// <summary>A topic name that is valid, or empty.</summary>
    private static string Topic(ref MqttReader reader, TopicCache? topics)
    {
        var bytes = reader.Slice(reader.UInt16());
        if (topics?.Find(bytes) is { } known)
            return known;
        var topic = MqttReader.Text(bytes);
        if (topic.Length == 0)
            return topic;
        if (!TopicNames.IsValidName(topic))
            throw InvalidTopic();
        topics?.Add(bytes, topic);
        return topic;
    }

    private static MqttProtocolViolationException InvalidTopic() => new(
        MqttDisconnectReasonCode.TopicNameInvalid, "A topic is empty, too deep or holds a wildcard.");

    private static string ResponseTopic(string topic) => TopicNames.IsValidName(topic)
        ? topic
        : throw new MqttProtocolViolationException("The response topic is empty or holds a wildcard.");
}
