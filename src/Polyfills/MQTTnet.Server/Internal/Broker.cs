using System.Collections;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Internal;

/// <summary>Sessions, subscriptions and retained messages, and the way of a message through them.</summary>
internal sealed class Broker(MqttServerOptions options, ServerEvents events, IMqttNetLogger logger, TimeProvider clock)
{
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly TopicTree _tree = new();

    public MqttServerOptions Options => options;

    public ServerEvents Events => events;

    /// <summary>Read anew at each start.</summary>
    public ServerSettings Settings { get; set; } = new();

    public TimeProvider Clock => clock;

    public RetainedMessages Retained { get; } = new(clock);

    public SysTopics Sys { get; } = new(clock);

    public Session? Find(string clientId)
    {
        lock (_sessions)
            return _sessions.GetValueOrDefault(clientId);
    }

    public List<Session> Sessions()
    {
        lock (_sessions)
            return [.. _sessions.Values];
    }

    /// <returns>Null when there are as many sessions as there may be.</returns>
    public Session? Create(string clientId)
    {
        lock (_sessions)
        {
            if (_sessions.Count >= ServerLimits.SessionsMax)
                return null;
            return _sessions[clientId] = new Session(clientId, options, clock);
        }
    }

    public async Task DeleteAsync(Session session)
    {
        lock (_sessions)
        {
            if (_sessions.GetValueOrDefault(session.Id) == session)
                _sessions.Remove(session.Id);
        }
        lock (session.Subscriptions)
        {
            foreach (var filter in session.Subscriptions.Keys)
            {
                _tree.Remove(session, filter);
                Sys.OnUnsubscribed(filter);
            }
            session.Subscriptions.Clear();
        }
        // The session's end is the latest moment for a will that was delayed.
        if (session.DelayedWill is { } will)
        {
            session.DelayedWill = null;
            await PublishAsync(session.Id, session.Items, will.Message, isOurs: true, default).ConfigureAwait(false);
        }
        await TryRaiseAsync(events.SessionDeleted, new SessionDeletedEventArgs(session.Id, session.Items))
            .ConfigureAwait(false);
    }

    /// <summary>Takes a message from a client, a will, or the server itself to whoever subscribed.</summary>
    /// <param name="isOurs">True: the payload belongs to nobody else, and need not be copied.</param>
    public async Task<(PublishResponse Response, bool CloseConnection)> PublishAsync(
        string senderId, IDictionary items, MqttApplicationMessage message, bool isOurs, CancellationToken cancellation)
    {
        PublishResponse? response = null;
        var close = false;
        if (events.Publishing.HasHandlers)
        {
            var args = new InterceptingPublishEventArgs(message, cancellation, senderId, items);
            await events.Publishing.InvokeAsync(args).ConfigureAwait(false);
            (response, close) = (args.Response, args.CloseConnection);
            if (!args.ProcessPublish || args.ApplicationMessage is null)
                return (response, close);
            isOurs &= ReferenceEquals(message, args.ApplicationMessage);
            message = args.ApplicationMessage;
        }
        response ??= new PublishResponse();
        var frozen = RetainedMessages.Freeze(message, copyPayload: !isOurs);
        if (frozen.Retain && !await RetainAsync(senderId, frozen).ConfigureAwait(false))
        {
            response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            return (response, close);
        }
        if (!await RouteAsync(senderId, frozen).ConfigureAwait(false))
        {
            if (response.ReasonCode == MqttPubAckReasonCode.Success)
                response.ReasonCode = MqttPubAckReasonCode.NoMatchingSubscribers;
            if (events.NotConsumed.HasHandlers)
                await TryRaiseAsync(events.NotConsumed, new ApplicationMessageNotConsumedEventArgs(frozen, senderId))
                    .ConfigureAwait(false);
        }
        return (response, close);
    }

    public async Task<bool> RetainAsync(string senderId, MqttApplicationMessage message)
    {
        if (!Retained.TrySet(message))
        {
            Log(MqttNetLogLevel.Warning, $"No room to retain a message of '{message.Topic}'.", null);
            return false;
        }
        if (events.RetainedChanged.HasHandlers)
            await TryRaiseAsync(
                events.RetainedChanged, new RetainedMessageChangedEventArgs(senderId, message, Retained.All()))
                .ConfigureAwait(false);
        return true;
    }

    /// <returns>True when the session did not have this subscription before.</returns>
    public bool Subscribe(Session session, MqttTopicFilter filter, uint identifier)
    {
        lock (session.Subscriptions)
        {
            var isNew = !session.Subscriptions.ContainsKey(filter.Topic);
            var subscription = new Subscription(session, filter, identifier);
            session.Subscriptions[filter.Topic] = subscription;
            _tree.Add(subscription);
            if (isNew)
                Sys.OnSubscribed(filter.Topic);
            return isNew;
        }
    }

    public bool Unsubscribe(Session session, string filter)
    {
        lock (session.Subscriptions)
        {
            if (!session.Subscriptions.Remove(filter))
                return false;
            _tree.Remove(session, filter);
            Sys.OnUnsubscribed(filter);
            return true;
        }
    }

    public void SendRetained(Session session, MqttTopicFilter filter, uint identifier, bool isNew)
    {
        if (filter.RetainHandling == MqttRetainHandling.DoNotSendOnSubscribe
            || (filter.RetainHandling == MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly && !isNew)
            || filter.Topic.StartsWith("$share/", StringComparison.Ordinal))
            return;
        foreach (var message in Sys.Matching(this, filter.Topic))
            session.Enqueue(new Delivery(
                message, MqttQualityOfServiceLevel.AtMostOnce, Retain: true, identifier > 0 ? [identifier] : null, 0));
        foreach (var (message, stored) in Retained.Matching(filter.Topic))
        {
            var qos = Lower(message.QualityOfServiceLevel, filter.QualityOfServiceLevel);
            session.Enqueue(new Delivery(message, qos, Retain: true, identifier > 0 ? [identifier] : null, stored));
        }
    }

    public async Task TryRaiseAsync<TArgs>(AsyncEvent<TArgs> what, TArgs args)
    {
        try
        {
            await what.InvokeAsync(args).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log(MqttNetLogLevel.Error, $"A handler of {typeof(TArgs).Name} failed.", exception);
        }
    }

    public void Log(MqttNetLogLevel level, string message, Exception? exception)
    {
        if (logger.IsEnabled)
            logger.Publish(level, nameof(MqttServer), message, null, exception);
    }

    /// <summary>A message of the server's own, which no interceptor is asked about.</summary>
    public Task RouteOwnAsync(MqttApplicationMessage message) => RouteAsync(string.Empty, message);

    /// <returns>False when no session has a subscription for it.</returns>
    private async Task<bool> RouteAsync(string senderId, MqttApplicationMessage message)
    {
        var found = new List<Subscription>();
        _tree.Match(message.Topic, found);
        found.RemoveAll(s => s.Filter.NoLocal && s.Session.Id == senderId);
        var received = clock.GetTimestamp();
        for (var i = 0; i < found.Count; i++)
        {
            var session = found[i].Session;
            if (found.FindIndex(0, i, s => s.Session == session) >= 0)
                continue;
            var result = session.Enqueue(Merge(message, found, i, received));
            if (result == EnqueueResult.QueuedOldestDropped && events.Overwritten.HasHandlers)
                await TryRaiseAsync(events.Overwritten, new QueueMessageOverwrittenEventArgs(session.Id))
                    .ConfigureAwait(false);
            if (events.EnqueuedOrDropped.HasHandlers)
                await TryRaiseAsync(
                    events.EnqueuedOrDropped,
                    new ApplicationMessageEnqueuedEventArgs(
                        senderId, session.Id, message, result == EnqueueResult.Dropped)).ConfigureAwait(false);
        }
        return found.Count > 0;
    }

    /// <summary>
    /// Several filters of one session may match one message: it goes out once, at the best of their terms.
    /// </summary>
    private static Delivery Merge(MqttApplicationMessage message, List<Subscription> found, int first, long received)
    {
        var qos = MqttQualityOfServiceLevel.AtMostOnce;
        var keepsRetain = false;
        List<uint>? identifiers = null;
        for (var i = first; i < found.Count; i++)
        {
            if (found[i].Session != found[first].Session)
                continue;
            var filter = found[i].Filter;
            qos = filter.QualityOfServiceLevel > qos ? filter.QualityOfServiceLevel : qos;
            keepsRetain |= filter.RetainAsPublished;
            if (found[i].Identifier > 0)
                (identifiers ??= []).Add(found[i].Identifier);
        }
        return new Delivery(
            message, Lower(message.QualityOfServiceLevel, qos), message.Retain && keepsRetain, identifiers, received);
    }

    private static MqttQualityOfServiceLevel Lower(MqttQualityOfServiceLevel a, MqttQualityOfServiceLevel b) =>
        a < b ? a : b;
}
