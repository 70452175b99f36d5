using MQTTnet.Internal;

namespace MQTTnet.Server.Internal;

/// <summary>The server's events, in one place for all who raise them.</summary>
internal sealed class ServerEvents
{
    public AsyncEvent<ApplicationMessageEnqueuedEventArgs> EnqueuedOrDropped { get; } = new();

    public AsyncEvent<ApplicationMessageNotConsumedEventArgs> NotConsumed { get; } = new();

    public AsyncEvent<ClientConnectedEventArgs> Connected { get; } = new();

    public AsyncEvent<ClientDisconnectedEventArgs> Disconnected { get; } = new();

    public AsyncEvent<ClientSubscribedTopicEventArgs> Subscribed { get; } = new();

    public AsyncEvent<ClientUnsubscribedTopicEventArgs> Unsubscribed { get; } = new();

    public AsyncEvent<InterceptingPublishEventArgs> Publishing { get; } = new();

    public AsyncEvent<InterceptingSubscriptionEventArgs> Subscribing { get; } = new();

    public AsyncEvent<LoadingRetainedMessagesEventArgs> LoadingRetained { get; } = new();

    public AsyncEvent<QueueMessageOverwrittenEventArgs> Overwritten { get; } = new();

    public AsyncEvent<RetainedMessageChangedEventArgs> RetainedChanged { get; } = new();

    public AsyncEvent<EventArgs> RetainedCleared { get; } = new();

    public AsyncEvent<SessionDeletedEventArgs> SessionDeleted { get; } = new();

    public AsyncEvent<EventArgs> Started { get; } = new();

    public AsyncEvent<EventArgs> Stopped { get; } = new();

    public AsyncEvent<ValidatingConnectionEventArgs> Validating { get; } = new();
}
