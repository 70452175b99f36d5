using System.Collections;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>What a subscriber is answered for one filter.</summary>
public sealed class SubscribeResponse
{
    public MqttSubscribeReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty> UserProperties { get; } = [];
}

/// <summary>A client asks for one subscription.</summary>
public sealed class InterceptingSubscriptionEventArgs : EventArgs
{
    public InterceptingSubscriptionEventArgs(
        CancellationToken cancellationToken,
        string clientId,
        MqttSessionStatus session,
        MqttTopicFilter topicFilter,
        List<MqttUserProperty>? userProperties)
    {
        CancellationToken = cancellationToken;
        ClientId = clientId;
        Session = session;
        TopicFilter = topicFilter;
        UserProperties = userProperties;
    }

    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    public bool CloseConnection { get; set; }

    /// <summary>False: no subscription is made; the answer is Response.ReasonCode as it stands.</summary>
    public bool ProcessSubscription { get; set; } = true;

    public string? ReasonString { get; set; }

    /// <summary>Holds the granted quality of service; a reason of 128 or more refuses.</summary>
    public SubscribeResponse Response { get; } = new();

    public MqttSessionStatus Session { get; }

    public IDictionary SessionItems => Session.Items;

    public MqttTopicFilter TopicFilter { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>A client has a new subscription.</summary>
public sealed class ClientSubscribedTopicEventArgs : EventArgs
{
    public ClientSubscribedTopicEventArgs(string clientId, MqttTopicFilter topicFilter, IDictionary sessionItems)
    {
        ClientId = clientId;
        TopicFilter = topicFilter;
        SessionItems = sessionItems;
    }

    public string ClientId { get; }

    public IDictionary SessionItems { get; }

    public MqttTopicFilter TopicFilter { get; }
}

/// <summary>A client gave a subscription up.</summary>
public sealed class ClientUnsubscribedTopicEventArgs : EventArgs
{
    public ClientUnsubscribedTopicEventArgs(string clientId, string topicFilter, IDictionary sessionItems)
    {
        ClientId = clientId;
        TopicFilter = topicFilter;
        SessionItems = sessionItems;
    }

    public string ClientId { get; }

    public IDictionary SessionItems { get; }

    public string TopicFilter { get; }
}
