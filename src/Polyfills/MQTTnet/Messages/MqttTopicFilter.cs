using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>One subscription: a filter (with + and # as wildcards) and how it wants its messages.</summary>
public sealed class MqttTopicFilter
{
    /// <summary>True: messages this same client published do not come back (MQTT 5).</summary>
    public bool NoLocal { get; set; }

    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

    /// <summary>True: keep the retain flag that the publisher set (MQTT 5).</summary>
    public bool RetainAsPublished { get; set; }

    public MqttRetainHandling RetainHandling { get; set; }

    public string Topic { get; set; } = string.Empty;

    public override string ToString() =>
        $"TopicFilter: [Topic={Topic}] [QualityOfServiceLevel={QualityOfServiceLevel}] [NoLocal={NoLocal}] "
        + $"[RetainAsPublished={RetainAsPublished}] [RetainHandling={RetainHandling}]";
}
