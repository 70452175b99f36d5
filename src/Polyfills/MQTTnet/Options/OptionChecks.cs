using MQTTnet.Formatter;

namespace MQTTnet;

/// <summary>Refuses what the chosen protocol version cannot carry, rather than leaving it out in silence.</summary>
internal static class OptionChecks
{
    public static void ThrowIfNotSupported(MqttClientOptions options)
    {
        if (options.ProtocolVersion == MqttProtocolVersion.V500 || !options.ValidateFeatures)
            return;
        Check(options.WillContentType is not null, nameof(options.WillContentType));
        Check(options.UserProperties is { Count: > 0 }, nameof(options.UserProperties));
        Check(options.RequestProblemInformation == false, nameof(options.RequestProblemInformation));
        Check(options.RequestResponseInformation, nameof(options.RequestResponseInformation));
        Check(options.ReceiveMaximum > 0, nameof(options.ReceiveMaximum));
        Check(options.MaximumPacketSize > 0, nameof(options.MaximumPacketSize));
        Check(options.SessionExpiryInterval > 0, nameof(options.SessionExpiryInterval));
        Check(options.AuthenticationMethod is not null, nameof(options.AuthenticationMethod));
        Check(options.TopicAliasMaximum > 0, nameof(options.TopicAliasMaximum));
        Check(options.WillPayloadFormatIndicator != 0, nameof(options.WillPayloadFormatIndicator));
        Check(options.WillUserProperties is { Count: > 0 }, nameof(options.WillUserProperties));
        Check(options.WillCorrelationData is not null, nameof(options.WillCorrelationData));
        Check(options.WillResponseTopic is not null, nameof(options.WillResponseTopic));
        Check(options.WillDelayInterval > 0, nameof(options.WillDelayInterval));
        Check(options.WillMessageExpiryInterval > 0, nameof(options.WillMessageExpiryInterval));
    }

    public static void ThrowIfNotSupported(MqttApplicationMessage message, MqttProtocolVersion version) =>
        Check(version != MqttProtocolVersion.V500 && message.HasVersion5Features, "A property of the message");

    public static void ThrowIfNotSupported(MqttClientSubscribeOptions options, MqttProtocolVersion version)
    {
        if (version == MqttProtocolVersion.V500)
            return;
        Check(options.UserProperties is { Count: > 0 }, nameof(options.UserProperties));
        Check(options.SubscriptionIdentifier != 0, nameof(options.SubscriptionIdentifier));
        Check(options.TopicFilters.Any(f => f.NoLocal), "NoLocal");
        Check(options.TopicFilters.Any(f => f.RetainAsPublished), "RetainAsPublished");
        Check(options.TopicFilters.Any(f => f.RetainHandling != 0), "RetainHandling");
    }

    private static void Check(bool isUsed, string feature)
    {
        if (isUsed)
            throw new NotSupportedException($"Feature '{feature}' requires MQTT version 5.0.0.");
    }
}
