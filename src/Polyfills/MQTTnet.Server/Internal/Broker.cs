using System.Collections;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Persistence;

namespace MQTTnet.Server.Internal;

/// <summary>Sessions, subscriptions and retained messages, and the way of a message through them.</summary>
internal sealed class Broker(MqttServerOptions options, ServerEvents events, IMqttNetLogger logger, TimeProvider clock)
{
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly TopicTree _tree = new();

    private const int FoundKeptMax = 1024;

    [ThreadStatic]
    private static List<Subscription>? _found;

    public MqttServerOptions Options => options;

    public ServerEvents Events => events;

    /// <summary>Read anew at each start.</summary>
    public ServerSettings Settings { get; set; } = new();

    public TimeProvider Clock => clock;

    /// <summary>Null: sessions and retained messages live in memory only.</summary>
    public SessionStore? Store { get; set; }

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

    /// <summary>Forgets everything: a file is about to be read, or was closed.</summary>
    public void Clear()
    {
        foreach (var session in Sessions())
            Forget(session);
        Retained.Clear();
    }

    public async Task DeleteAsync(Session session)
    {
        Forget(session);
        Store?.Delete(session);
        // The session's end is the latest moment for a will that was delayed.
        if (session.DelayedWill is { } will)
        {
            session.DelayedWill = null;
            await PublishAsync(session.Id, session.Items, will.Message, isOurs: true, default).ConfigureAwait(false);
        }
        await TryRaiseAsync(events.SessionDeleted, new SessionDeletedEventArgs(session.Id, session.Items))
            .ConfigureAwait(false);
    }

    private void Forget(Session session)
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
    }

    /// <summary>Takes a message from a client, a will, or the server itself to whoever subscribed.</summary>
    /// <param name="isOurs">True: the payload belongs to nobody else, and need not be copied.</param>
    /// <param name="mark">The kept session, and the identifier in it, that a QoS 2 message came from.</param>
    public async ValueTask<(PublishResponse Response, bool CloseConnection)> PublishAsync(
        string senderId,
        IDictionary items,
        MqttApplicationMessage message,
        bool isOurs,
        CancellationToken cancellation,
        ReceivedMark? mark = null)
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
        var op = mark is null ? null : NewOp(senderId, frozen, mark);
        if (frozen.Retain)
        {
            op ??= NewOp(senderId, frozen, null);
            if (!await RetainAsync(senderId, frozen, op).ConfigureAwait(false))
            {
                response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
                return (response, close);
            }
        }
        (var isWanted, op) = await RouteAsync(senderId, frozen, op).ConfigureAwait(false);
        if (op is not null)
        {
            await Store!.RoomAsync().ConfigureAwait(false);
            response.Kept = Store.Add(op);
        }
        if (!isWanted)
        {
            if (response.ReasonCode == MqttPubAckReasonCode.Success)
                response.ReasonCode = MqttPubAckReasonCode.NoMatchingSubscribers;
            if (events.NotConsumed.HasHandlers)
                await TryRaiseAsync(events.NotConsumed, new ApplicationMessageNotConsumedEventArgs(frozen, senderId))
                    .ConfigureAwait(false);
        }
        return (response, close);
    }

    public async Task<bool> RetainAsync(string senderId, MqttApplicationMessage message, PublishOp? op)
    {
        if (!Retained.TrySet(message, out var replaced))
        {
            Log(MqttNetLogLevel.Warning, $"No room to retain a message of '{message.Topic}'.", null);
            return false;
        }
        op?.Retain(replaced);
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
            var delivery = new Delivery(message, qos, Retain: true, identifier > 0 ? [identifier] : null, stored);
            if (qos > 0 && Store is { } store && session.Kept is { IsStored: true } kept)
            {
                // It is kept as retained: if it cannot be kept a second time, that is no reason not to send it.
                var op = new PublishOp(store, message, null) { DeliversUnwritten = true };
                op.Add(session, kept, delivery);
                store.Add(op);
            }
            else
                session.Enqueue(delivery);
        }
    }

    /// <returns>Null when there is no file.</returns>
    public PublishOp? NewOp(string senderId, MqttApplicationMessage message, ReceivedMark? mark) => Store is null
        ? null
        : new PublishOp(Store, message, mark)
        {
            Delivered = events.Overwritten.HasHandlers || events.EnqueuedOrDropped.HasHandlers
                ? (session, result) => _ = RaiseEnqueuedAsync(senderId, session, message, result)
                : null,
        };

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
    public async Task RouteOwnAsync(MqttApplicationMessage message)
    {
        var (_, op) = await RouteAsync(string.Empty, message, null).ConfigureAwait(false);
        if (op is not null)
            Store!.Add(op);
    }

    /// <returns>
    /// False when no session has a subscription for it; and what is to be written before kept sessions get it.
    /// </returns>
    private async ValueTask<(bool IsWanted, PublishOp? Op)> RouteAsync(
        string senderId, MqttApplicationMessage message, PublishOp? op)
    {
        // Handed from message to message; a second one on this thread meanwhile makes its own.
        var found = _found ?? [];
        _found = null;
        _tree.Match(message.Topic, found);
        RemoveSendersOwn(found, senderId);
        var isWanted = found.Count > 0;
        var received = message.MessageExpiryInterval > 0 ? clock.GetTimestamp() : 0;
        for (var i = 0; i < found.Count; i++)
        {
            var session = found[i].Session;
            if (IsAmong(found, i, session))
                continue;
            var delivery = Merge(message, found, i, received);
            if (delivery.QualityOfServiceLevel > 0 && Store is not null && session.Kept is { IsStored: true } kept)
            {
                op ??= NewOp(senderId, message, null);
                op!.Add(session, kept, delivery);
                continue;
            }
            var result = session.Enqueue(delivery);
            if (events.Overwritten.HasHandlers || events.EnqueuedOrDropped.HasHandlers)
                await RaiseEnqueuedAsync(senderId, session, message, result).ConfigureAwait(false);
        }
        found.Clear();
        if (found.Capacity <= FoundKeptMax)
            _found = found;
        return (isWanted, op);
    }

    private static void RemoveSendersOwn(List<Subscription> found, string senderId)
    {
        for (var i = found.Count - 1; i >= 0; i--)
        {
            if (found[i].Filter.NoLocal && found[i].Session.Id == senderId)
                found.RemoveAt(i);
        }
    }

    private static bool IsAmong(List<Subscription> found, int count, Session session)
    {
        for (var i = 0; i < count; i++)
        {
            if (found[i].Session == session)
                return true;
        }
        return false;
    }

    private async Task RaiseEnqueuedAsync(
        string senderId, Session session, MqttApplicationMessage message, EnqueueResult result)
    {
        if (result == EnqueueResult.QueuedOldestDropped && events.Overwritten.HasHandlers)
            await TryRaiseAsync(events.Overwritten, new QueueMessageOverwrittenEventArgs(session.Id))
                .ConfigureAwait(false);
        if (events.EnqueuedOrDropped.HasHandlers)
            await TryRaiseAsync(
                events.EnqueuedOrDropped,
                new ApplicationMessageEnqueuedEventArgs(
                    senderId, session.Id, message, result == EnqueueResult.Dropped)).ConfigureAwait(false);
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
