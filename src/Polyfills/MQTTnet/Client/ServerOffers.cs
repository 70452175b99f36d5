using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>What the server said in CONNACK that it does not serve must not be asked of it.</summary>
internal static class ServerOffers
{
    public static void Check(MqttApplicationMessage message, MqttClientConnectResult server)
    {
        if (message.QualityOfServiceLevel > server.MaximumQoS)
            throw Refused(MqttDisconnectReasonCode.QoSNotSupported, $"QoS {(int)message.QualityOfServiceLevel}");
        if (message.Retain && !server.RetainAvailable)
            throw Refused(MqttDisconnectReasonCode.RetainNotSupported, "retained messages");
        if (message.TopicAlias > server.TopicAliasMaximum)
            throw Refused(MqttDisconnectReasonCode.TopicAliasInvalid, $"topic alias {message.TopicAlias}");
    }

    public static void Check(MqttClientSubscribeOptions request, MqttClientConnectResult server)
    {
        if (request.SubscriptionIdentifier > 0 && !server.SubscriptionIdentifiersAvailable)
            throw Refused(
                MqttDisconnectReasonCode.SubscriptionIdentifiersNotSupported, "subscription identifiers");
        foreach (var filter in request.TopicFilters)
        {
            var isShared = filter.Topic.StartsWith("$share/", StringComparison.Ordinal);
            if (isShared && filter.NoLocal)
                throw new MqttProtocolViolationException("A shared subscription cannot be no-local.");
            if (isShared && !server.SharedSubscriptionAvailable)
                throw Refused(MqttDisconnectReasonCode.SharedSubscriptionsNotSupported, "shared subscriptions");
            if (filter.Topic.AsSpan().IndexOfAny('+', '#') >= 0 && !server.WildcardSubscriptionAvailable)
                throw Refused(MqttDisconnectReasonCode.WildcardSubscriptionsNotSupported, "wildcards");
        }
    }

    private static MqttProtocolViolationException Refused(MqttDisconnectReasonCode code, string what) =>
        new(code, $"The server does not serve {what}.");
}
