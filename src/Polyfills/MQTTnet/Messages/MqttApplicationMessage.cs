using System.Buffers;
using System.Text;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>One message: a topic, a payload and, in MQTT 5, its properties.</summary>
public sealed class MqttApplicationMessage
{
    public string? ContentType { get; set; }

    public byte[]? CorrelationData { get; set; }

    /// <summary>True when the sender may have sent the same message before.</summary>
    public bool Dup { get; set; }

    /// <summary>Seconds after which the message is worthless; 0 means never.</summary>
    public uint MessageExpiryInterval { get; set; }

    public ReadOnlySequence<byte> Payload { get; set; }

    public MqttPayloadFormatIndicator PayloadFormatIndicator { get; set; }

    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

    public string? ResponseTopic { get; set; }

    public bool Retain { get; set; }

    public List<uint>? SubscriptionIdentifiers { get; set; }

    public string Topic { get; set; } = string.Empty;

    public ushort TopicAlias { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    internal bool HasVersion5Features =>
        ContentType is not null || CorrelationData is not null || MessageExpiryInterval != 0
        || ResponseTopic is not null
        || PayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified || TopicAlias != 0
        || SubscriptionIdentifiers is { Count: > 0 } || UserProperties is { Count: > 0 };
}

/// <summary>Reading a payload as text.</summary>
public static class MqttApplicationMessageExtensions
{
    /// <returns>The payload read as UTF-8, or null if it is empty.</returns>
    public static string? ConvertPayloadToString(this MqttApplicationMessage applicationMessage)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        return applicationMessage.Payload.IsEmpty ? null : Encoding.UTF8.GetString(applicationMessage.Payload);
    }
}
