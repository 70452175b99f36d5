using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>One SUBSCRIBE: its filters and, in MQTT 5, its properties.</summary>
public sealed class MqttClientSubscribeOptions
{
    /// <summary>Comes back with each message of these filters; 0 means none.</summary>
    public uint SubscriptionIdentifier { get; set; }

    public List<MqttTopicFilter> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>One UNSUBSCRIBE.</summary>
public sealed class MqttClientUnsubscribeOptions
{
    public List<string> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>Builds one SUBSCRIBE.</summary>
public sealed class MqttClientSubscribeOptionsBuilder
{
    private readonly MqttClientSubscribeOptions _options = new();

    public MqttClientSubscribeOptions Build() => _options;

    public MqttClientSubscribeOptionsBuilder WithSubscriptionIdentifier(uint subscriptionIdentifier)
    {
        _options.SubscriptionIdentifier = subscriptionIdentifier;
        return this;
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(
        string topic,
        MqttQualityOfServiceLevel qualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
        bool noLocal = false,
        bool retainAsPublished = false,
        MqttRetainHandling retainHandling = MqttRetainHandling.SendAtSubscribe) =>
        WithTopicFilter(new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = qualityOfServiceLevel,
            NoLocal = noLocal,
            RetainAsPublished = retainAsPublished,
            RetainHandling = retainHandling,
        });

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(Action<MqttTopicFilterBuilder> topicFilterBuilder)
    {
        ArgumentNullException.ThrowIfNull(topicFilterBuilder);
        var builder = new MqttTopicFilterBuilder();
        topicFilterBuilder(builder);
        return WithTopicFilter(builder);
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilterBuilder topicFilterBuilder)
    {
        ArgumentNullException.ThrowIfNull(topicFilterBuilder);
        return WithTopicFilter(topicFilterBuilder.Build());
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilter topicFilter)
    {
        ArgumentNullException.ThrowIfNull(topicFilter);
        _options.TopicFilters.Add(topicFilter);
        return this;
    }

    public MqttClientSubscribeOptionsBuilder WithUserProperty(string name, string value)
    {
        (_options.UserProperties ??= []).Add(new MqttUserProperty(name, value));
        return this;
    }
}

/// <summary>Builds one UNSUBSCRIBE.</summary>
public sealed class MqttClientUnsubscribeOptionsBuilder
{
    private readonly MqttClientUnsubscribeOptions _options = new();

    public MqttClientUnsubscribeOptions Build() => _options;

    public MqttClientUnsubscribeOptionsBuilder WithTopicFilter(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        _options.TopicFilters.Add(topic);
        return this;
    }

    public MqttClientUnsubscribeOptionsBuilder WithTopicFilter(MqttTopicFilter topicFilter)
    {
        ArgumentNullException.ThrowIfNull(topicFilter);
        return WithTopicFilter(topicFilter.Topic);
    }

    public MqttClientUnsubscribeOptionsBuilder WithUserProperty(string name, string value)
    {
        (_options.UserProperties ??= []).Add(new MqttUserProperty(name, value));
        return this;
    }
}

/// <summary>What a client says when it leaves.</summary>
public sealed class MqttClientDisconnectOptions
{
    public MqttClientDisconnectOptionsReason Reason { get; set; }

    public string? ReasonString { get; set; }

    /// <summary>Replaces CONNECT's value; 0 leaves it.</summary>
    public uint SessionExpiryInterval { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>Builds what a client says when it leaves.</summary>
public sealed class MqttClientDisconnectOptionsBuilder
{
    private readonly MqttClientDisconnectOptions _options = new();

    public MqttClientDisconnectOptions Build() => _options;

    public MqttClientDisconnectOptionsBuilder WithReason(MqttClientDisconnectOptionsReason value)
    {
        _options.Reason = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithReasonString(string? value)
    {
        _options.ReasonString = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithSessionExpiryInterval(uint value)
    {
        _options.SessionExpiryInterval = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithUserProperty(string name, string value)
    {
        (_options.UserProperties ??= []).Add(new MqttUserProperty(name, value));
        return this;
    }
}
