using System.Buffers;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Builds a message; a topic (or a topic alias) is required.</summary>
public sealed class MqttApplicationMessageBuilder
{
    private readonly MqttApplicationMessage _message = new();

    /// <exception cref="MqttProtocolViolationException">Neither topic nor topic alias is set.</exception>
    public MqttApplicationMessage Build()
    {
        if (_message.TopicAlias == 0 && string.IsNullOrEmpty(_message.Topic))
            throw new MqttProtocolViolationException("Topic or TopicAlias is not set.");
        return new MqttApplicationMessage
        {
            Topic = _message.Topic,
            Payload = _message.Payload,
            QualityOfServiceLevel = _message.QualityOfServiceLevel,
            Retain = _message.Retain,
            ContentType = _message.ContentType,
            ResponseTopic = _message.ResponseTopic,
            CorrelationData = _message.CorrelationData,
            TopicAlias = _message.TopicAlias,
            SubscriptionIdentifiers = _message.SubscriptionIdentifiers,
            MessageExpiryInterval = _message.MessageExpiryInterval,
            PayloadFormatIndicator = _message.PayloadFormatIndicator,
            UserProperties = _message.UserProperties,
        };
    }

    public MqttApplicationMessageBuilder WithContentType(string? contentType) =>
        With(m => m.ContentType = contentType);

    public MqttApplicationMessageBuilder WithCorrelationData(byte[]? correlationData) =>
        With(m => m.CorrelationData = correlationData);

    /// <param name="messageExpiryInterval">Seconds.</param>
    public MqttApplicationMessageBuilder WithMessageExpiryInterval(uint messageExpiryInterval) =>
        With(m => m.MessageExpiryInterval = messageExpiryInterval);

    public MqttApplicationMessageBuilder WithPayload(byte[]? payload) =>
        With(m => m.Payload = payload is null ? default : new ReadOnlySequence<byte>(payload));

    public MqttApplicationMessageBuilder WithPayload(ArraySegment<byte> payload) =>
        With(m => m.Payload = payload.Array is null ? default : new ReadOnlySequence<byte>(payload));

    public MqttApplicationMessageBuilder WithPayload(ReadOnlyMemory<byte> payload) =>
        With(m => m.Payload = new ReadOnlySequence<byte>(payload));

    public MqttApplicationMessageBuilder WithPayload(ReadOnlySequence<byte> payload) => With(m => m.Payload = payload);

    public MqttApplicationMessageBuilder WithPayload(IEnumerable<byte>? payload) =>
        WithPayload(payload as byte[] ?? payload?.ToArray());

    public MqttApplicationMessageBuilder WithPayload(string? payload) =>
        WithPayload(payload is null ? null : Encoding.UTF8.GetBytes(payload));

    public MqttApplicationMessageBuilder WithPayloadFormatIndicator(
        MqttPayloadFormatIndicator payloadFormatIndicator) =>
        With(m => m.PayloadFormatIndicator = payloadFormatIndicator);

    public MqttApplicationMessageBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel qualityOfServiceLevel) =>
        With(m => m.QualityOfServiceLevel = qualityOfServiceLevel);

    public MqttApplicationMessageBuilder WithResponseTopic(string? responseTopic) =>
        With(m => m.ResponseTopic = responseTopic);

    public MqttApplicationMessageBuilder WithRetainFlag(bool value = true) => With(m => m.Retain = value);

    public MqttApplicationMessageBuilder WithSubscriptionIdentifier(uint subscriptionIdentifier) =>
        With(m => (m.SubscriptionIdentifiers ??= []).Add(subscriptionIdentifier));

    public MqttApplicationMessageBuilder WithTopic(string topic) => With(m => m.Topic = topic);

    public MqttApplicationMessageBuilder WithTopicAlias(ushort topicAlias) => With(m => m.TopicAlias = topicAlias);

    public MqttApplicationMessageBuilder WithUserProperty(string name, string value) =>
        With(m => (m.UserProperties ??= []).Add(new MqttUserProperty(name, value)));

    private MqttApplicationMessageBuilder With(Action<MqttApplicationMessage> change)
    {
        change(_message);
        return this;
    }
}
