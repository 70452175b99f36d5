using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Internal;

/// <summary>Answers one client's SUBSCRIBE and UNSUBSCRIBE.</summary>
internal sealed class SubscriptionRequests(Broker broker, Session session)
{
    public async Task<(MqttGrantPacket Grant, List<(MqttTopicFilter Filter, bool IsNew)> Granted, bool Close)>
        SubscribeAsync(MqttSubscribePacket packet, CancellationToken cancellation)
    {
        var codes = new byte[packet.TopicFilters.Count];
        var granted = new List<(MqttTopicFilter, bool)>();
        var close = false;
        string? reason = null;
        for (var i = 0; i < codes.Length; i++)
        {
            var args = new InterceptingSubscriptionEventArgs(
                cancellation, session.Id, new MqttSessionStatus(broker, session), packet.TopicFilters[i],
                packet.UserProperties);
            args.Response.ReasonCode = (MqttSubscribeReasonCode)packet.TopicFilters[i].QualityOfServiceLevel;
            if (Refusal(args.TopicFilter) is { } refusal)
            {
                codes[i] = (byte)refusal;
                continue;
            }
            await broker.Events.Subscribing.InvokeAsync(args).ConfigureAwait(false);
            close |= args.CloseConnection;
            reason ??= args.ReasonString ?? args.Response.ReasonString;
            codes[i] = (byte)args.Response.ReasonCode;
            if (!args.ProcessSubscription || codes[i] >= 128 || args.TopicFilter is not { } filter)
                continue;
            filter.QualityOfServiceLevel = (MqttQualityOfServiceLevel)codes[i];
            var isNew = broker.Subscribe(session, filter, packet.SubscriptionIdentifier);
            if (session.Kept is { IsStored: true } kept && !await kept.Store
                .Subscribe(kept, filter, packet.SubscriptionIdentifier).DoneAsync().ConfigureAwait(false))
            {
                if (isNew)
                    broker.Unsubscribe(session, filter.Topic);
                codes[i] = (byte)MqttSubscribeReasonCode.QuotaExceeded;
                continue;
            }
            granted.Add((filter, isNew));
            if (broker.Events.Subscribed.HasHandlers)
                await broker.TryRaiseAsync(
                    broker.Events.Subscribed, new ClientSubscribedTopicEventArgs(session.Id, filter, session.Items))
                    .ConfigureAwait(false);
        }
        var grant = new MqttGrantPacket(MqttPacketType.SubAck)
        {
            PacketIdentifier = packet.PacketIdentifier,
            ReasonCodes = codes,
            Properties = new MqttProperties().Add(MqttPropertyId.ReasonString, reason).OrNull(),
        };
        return (grant, granted, close);
    }

    public async Task<MqttGrantPacket> UnsubscribeAsync(MqttUnsubscribePacket packet)
    {
        var codes = new byte[packet.TopicFilters.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            var filter = packet.TopicFilters[i];
            if (!TopicNames.IsValidFilter(filter))
                codes[i] = (byte)MqttUnsubscribeReasonCode.TopicFilterInvalid;
            else if (!broker.Unsubscribe(session, filter))
            {
                codes[i] = (byte)MqttUnsubscribeReasonCode.NoSubscriptionExisted;
                continue;
            }
            // While the disk is full this is written later: the client need not wait for that.
            if (codes[i] == 0 && session.Kept is { IsStored: true } kept)
                await kept.Store.Unsubscribe(kept, filter).Attempt.ConfigureAwait(false);
            if (codes[i] == 0 && broker.Events.Unsubscribed.HasHandlers)
                await broker.TryRaiseAsync(
                    broker.Events.Unsubscribed,
                    new ClientUnsubscribedTopicEventArgs(session.Id, filter, session.Items)).ConfigureAwait(false);
        }
        return new MqttGrantPacket(MqttPacketType.UnsubAck)
        {
            PacketIdentifier = packet.PacketIdentifier,
            ReasonCodes = codes,
        };
    }

    private MqttSubscribeReasonCode? Refusal(MqttTopicFilter filter)
    {
        if (!TopicNames.IsValidFilter(filter.Topic))
            return MqttSubscribeReasonCode.TopicFilterInvalid;
        lock (session.Subscriptions)
        {
            return session.Subscriptions.Count >= ServerLimits.SubscriptionsMax
                && !session.Subscriptions.ContainsKey(filter.Topic)
                ? MqttSubscribeReasonCode.QuotaExceeded
                : null;
        }
    }
}
