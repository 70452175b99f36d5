using System.Collections;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Persistence;

namespace MQTTnet.Server;

/// <summary>What a publisher is answered.</summary>
public sealed class PublishResponse
{
    private List<MqttUserProperty>? _userProperties;

    public MqttPubAckReasonCode ReasonCode { get; set; } = MqttPubAckReasonCode.Success;

    public string? ReasonString { get; set; }

    public List<MqttUserProperty> UserProperties => _userProperties ??= [];

    internal bool HasReasons => ReasonString is not null || _userProperties is { Count: > 0 };

    /// <summary>What the answer has to wait for; null: nothing.</summary>
    internal StoreOp? Kept { get; set; }
}

/// <summary>A message arrived; it may be changed, answered for, or kept from the subscribers.</summary>
public sealed class InterceptingPublishEventArgs : EventArgs
{
    public InterceptingPublishEventArgs(
        MqttApplicationMessage applicationMessage,
        CancellationToken cancellationToken,
        string clientId,
        IDictionary sessionItems)
    {
        ApplicationMessage = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));
        CancellationToken = cancellationToken;
        ClientId = clientId ?? throw new ArgumentNullException(nameof(clientId));
        SessionItems = sessionItems ?? throw new ArgumentNullException(nameof(sessionItems));
    }

    public MqttApplicationMessage ApplicationMessage { get; set; }

    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    /// <summary>True: the answer is sent, then the connection is closed.</summary>
    public bool CloseConnection { get; set; }

    /// <summary>False: the message goes to no subscriber and is not retained.</summary>
    public bool ProcessPublish { get; set; } = true;

    public PublishResponse Response { get; } = new();

    public IDictionary SessionItems { get; }
}

/// <summary>A message was put into a session's queue, or dropped because the queue was full.</summary>
public sealed class ApplicationMessageEnqueuedEventArgs : EventArgs
{
    public ApplicationMessageEnqueuedEventArgs(
        string senderClientId, string receiverClientId, MqttApplicationMessage applicationMessage, bool isDropped)
    {
        SenderClientId = senderClientId;
        ReceiverClientId = receiverClientId;
        ApplicationMessage = applicationMessage;
        IsDropped = isDropped;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    public bool IsDropped { get; }

    public string ReceiverClientId { get; }

    public string SenderClientId { get; }
}

/// <summary>The oldest message of a full queue gave way to a new one.</summary>
public sealed class QueueMessageOverwrittenEventArgs : EventArgs
{
    internal QueueMessageOverwrittenEventArgs(string receiverClientId) => ReceiverClientId = receiverClientId;

    public string ReceiverClientId { get; }
}

/// <summary>No session had a subscription for the message.</summary>
public sealed class ApplicationMessageNotConsumedEventArgs : EventArgs
{
    public ApplicationMessageNotConsumedEventArgs(MqttApplicationMessage applicationMessage, string senderId)
    {
        ApplicationMessage = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));
        SenderId = senderId;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    public string SenderId { get; }
}

/// <summary>The server starts: what it retained before may be given back to it.</summary>
public sealed class LoadingRetainedMessagesEventArgs : EventArgs
{
    public List<MqttApplicationMessage> LoadedRetainedMessages { get; set; } = [];
}

/// <summary>A retained message was set, replaced or (with an empty payload) removed.</summary>
public sealed class RetainedMessageChangedEventArgs : EventArgs
{
    public RetainedMessageChangedEventArgs(
        string clientId,
        MqttApplicationMessage changedRetainedMessage,
        List<MqttApplicationMessage> storedRetainedMessages)
    {
        ClientId = clientId;
        ChangedRetainedMessage = changedRetainedMessage;
        StoredRetainedMessages = storedRetainedMessages;
    }

    public MqttApplicationMessage ChangedRetainedMessage { get; }

    public string ClientId { get; }

    public List<MqttApplicationMessage> StoredRetainedMessages { get; }
}
