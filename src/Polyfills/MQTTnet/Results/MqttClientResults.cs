using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>The server's CONNACK.</summary>
public sealed class MqttClientConnectResult
{
    public string? AssignedClientIdentifier { get; internal set; }

    public string? AuthenticationMethod { get; internal set; }

    /// <summary>True when the server still had this client's subscriptions and queued messages.</summary>
    public bool IsSessionPresent { get; internal set; }

    /// <summary>The largest packet, in bytes, that the server accepts; null when it states none.</summary>
    public uint? MaximumPacketSize { get; internal set; }

    public MqttQualityOfServiceLevel MaximumQoS { get; internal set; } = MqttQualityOfServiceLevel.ExactlyOnce;

    public string? ReasonString { get; internal set; }

    /// <summary>How many unacknowledged messages the server accepts at once; null when it states none.</summary>
    public ushort? ReceiveMaximum { get; internal set; }

    public string? ResponseInformation { get; internal set; }

    public MqttClientConnectResultCode ResultCode { get; internal set; }

    public bool RetainAvailable { get; internal set; } = true;

    /// <summary>Keep-alive in seconds that the server wants instead of ours; 0 when it states none.</summary>
    public ushort ServerKeepAlive { get; internal set; }

    public string? ServerReference { get; internal set; }

    /// <summary>Seconds that the server will keep the session; null when it takes the client's wish.</summary>
    public uint? SessionExpiryInterval { get; internal set; }

    public bool SharedSubscriptionAvailable { get; internal set; } = true;

    public bool SubscriptionIdentifiersAvailable { get; internal set; } = true;

    public ushort TopicAliasMaximum { get; internal set; }

    public List<MqttUserProperty>? UserProperties { get; internal set; }

    public bool WildcardSubscriptionAvailable { get; internal set; } = true;
}

/// <summary>The server's answer to one message.</summary>
public sealed class MqttClientPublishResult
{
    internal static readonly MqttClientPublishResult QoS0 = new(null, MqttClientPublishReasonCode.Success, null, []);

    public MqttClientPublishResult(
        ushort? packetIdentifier,
        MqttClientPublishReasonCode reasonCode,
        string? reasonString,
        IReadOnlyCollection<MqttUserProperty> userProperties)
    {
        PacketIdentifier = packetIdentifier;
        ReasonCode = reasonCode;
        ReasonString = reasonString;
        UserProperties = userProperties;
    }

    /// <summary>True for success and for a message that simply had no subscriber.</summary>
    public bool IsSuccess =>
        ReasonCode is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers;

    public ushort? PacketIdentifier { get; }

    public MqttClientPublishReasonCode ReasonCode { get; }

    public string? ReasonString { get; }

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; }
}

/// <summary>The server's answer to one subscription.</summary>
public sealed class MqttClientSubscribeResultItem
{
    public MqttClientSubscribeResultItem(MqttTopicFilter topicFilter, MqttClientSubscribeResultCode resultCode)
    {
        TopicFilter = topicFilter;
        ResultCode = resultCode;
    }

    public MqttClientSubscribeResultCode ResultCode { get; }

    public MqttTopicFilter TopicFilter { get; }
}

/// <summary>The server's SUBACK: one item per filter, in the order of the request.</summary>
public sealed class MqttClientSubscribeResult
{
    public MqttClientSubscribeResult(
        ushort packetIdentifier,
        IReadOnlyCollection<MqttClientSubscribeResultItem> items,
        string? reasonString,
        IReadOnlyCollection<MqttUserProperty> userProperties)
    {
        PacketIdentifier = packetIdentifier;
        Items = items;
        ReasonString = reasonString;
        UserProperties = userProperties;
    }

    public IReadOnlyCollection<MqttClientSubscribeResultItem> Items { get; }

    public ushort PacketIdentifier { get; }

    public string? ReasonString { get; }

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; }
}

/// <summary>The server's answer to the end of one subscription.</summary>
public sealed class MqttClientUnsubscribeResultItem
{
    public MqttClientUnsubscribeResultItem(string topicFilter, MqttClientUnsubscribeResultCode resultCode)
    {
        TopicFilter = topicFilter;
        ResultCode = resultCode;
    }

    public MqttClientUnsubscribeResultCode ResultCode { get; }

    public string TopicFilter { get; }
}

/// <summary>The server's UNSUBACK: one item per filter, in the order of the request.</summary>
public sealed class MqttClientUnsubscribeResult
{
    public MqttClientUnsubscribeResult(
        ushort packetIdentifier,
        IReadOnlyCollection<MqttClientUnsubscribeResultItem> items,
        string? reasonString,
        IReadOnlyCollection<MqttUserProperty> userProperties)
    {
        PacketIdentifier = packetIdentifier;
        Items = items;
        ReasonString = reasonString;
        UserProperties = userProperties;
    }

    public IReadOnlyCollection<MqttClientUnsubscribeResultItem> Items { get; }

    public ushort PacketIdentifier { get; }

    public string? ReasonString { get; }

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; }
}
