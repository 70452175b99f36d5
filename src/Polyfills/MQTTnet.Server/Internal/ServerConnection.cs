using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Persistence;

namespace MQTTnet.Server.Internal;

/// <summary>One client's connection, from its accepted CONNECT to its end.</summary>
internal sealed class ServerConnection(
    Broker broker, Session session, MqttConnectPacket connect, ServerChannel channel, PacketPipe pipe)
{
    private readonly CancellationTokenSource _alive = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, string> _aliases = [];
    private readonly SubscriptionRequests _subscriptions = new(broker, session);
    private readonly uint _sendBytesMax = connect.MaximumPacketSize > 0 ? connect.MaximumPacketSize : uint.MaxValue;
    private readonly OutgoingAliases? _outgoingAliases = connect.TopicAliasMaximum == 0 ? null : new OutgoingAliases(
        connect.TopicAliasMaximum, connect.MaximumPacketSize > 0 ? connect.MaximumPacketSize : uint.MaxValue);
    private AckQueue? _acks;
    private int _isStopping;
    private MqttDisconnectPacket? _goodbye;
    private long _messagesReceived;
    private long _messagesSent;

    public Session Session => session;

    public MqttConnectPacket Connect => connect;

    public ServerChannel Channel => channel;

    public PacketPipe Pipe => pipe;

    public DateTimeOffset Connected { get; } = broker.Clock.GetUtcNow();

    public long MessagesReceived => Interlocked.Read(ref _messagesReceived);

    public long MessagesSent => Interlocked.Read(ref _messagesSent);

    /// <summary>How the connection ended; final once <see cref="Gone"/> is.</summary>
    public MqttClientDisconnectType EndedBy { get; private set; } = MqttClientDisconnectType.NotClean;

    /// <summary>Ends when the connection and all it started have.</summary>
    public Task Gone => _gone.Task;

    private bool IsV5 => pipe.Version == MqttProtocolVersion.V500;

    /// <summary>Serves the client until either side ends the connection.</summary>
    public async Task RunAsync()
    {
        var sending = Task.Run(SendAsync);
        using var closing = channel.Closing.UnsafeRegister(
            static connection => _ = ((ServerConnection)connection!)
                .StopAsync(MqttDisconnectReasonCode.ServerShuttingDown, null), this);
        try
        {
            while (await pipe.ReadAsync(_alive.Token).ConfigureAwait(false) is { } packet)
            {
                if (!await OnPacketAsync(packet).ConfigureAwait(false))
                    break;
            }
        }
        catch (MqttProtocolViolationException violation)
        {
            broker.Log(MqttNetLogLevel.Warning, $"Client '{session.Id}': {violation.Message}", null);
            await StopAsync(violation.ReasonCode, violation.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped from our side.
        }
        catch (Exception exception) when (exception is IOException or MqttCommunicationException
            or InvalidOperationException)
        {
            broker.Log(MqttNetLogLevel.Verbose, $"Client '{session.Id}' is gone: {exception.Message}", null);
        }
        catch (Exception exception)
        {
            broker.Log(MqttNetLogLevel.Error, $"Serving client '{session.Id}' failed.", exception);
            await StopAsync(MqttDisconnectReasonCode.ImplementationSpecificError, null).ConfigureAwait(false);
        }
        Interlocked.Exchange(ref _isStopping, 1);
        await _alive.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }

    /// <summary>Everything that follows from the end has been done.</summary>
    public void MarkGone() => _gone.TrySetResult();

    public MqttDisconnectPacket? Goodbye => _goodbye;

    /// <summary>True when the client left without taking its will back.</summary>
    public bool LeavesWill =>
        connect.Will is not null && _goodbye?.ReasonCode is not MqttDisconnectReasonCode.NormalDisconnection;

    public Task StopAsync(MqttDisconnectReasonCode reason, string? text) =>
        StopAsync(new MqttServerClientDisconnectOptions { ReasonCode = reason, ReasonString = text });

    /// <summary>
    /// Says why (to MQTT 5 clients), then ends the connection; a peer that does not read is cut off.
    /// </summary>
    public async Task StopAsync(MqttServerClientDisconnectOptions why)
    {
        if (Interlocked.Exchange(ref _isStopping, 1) != 0)
            return;
        if (why.ReasonCode == MqttDisconnectReasonCode.SessionTakenOver)
            EndedBy = MqttClientDisconnectType.Takeover;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), broker.Clock);
        try
        {
            if (IsV5)
                await pipe.WriteAsync(Farewell(why), flush: true, limit.Token).ConfigureAwait(false);
            else
                await pipe.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            broker.Log(MqttNetLogLevel.Verbose, $"Client '{session.Id}' took no goodbye: {exception.Message}", null);
            channel.Abort();
        }
        await _alive.CancelAsync().ConfigureAwait(false);
    }

    private MqttDisconnectPacket Farewell(MqttServerClientDisconnectOptions why)
    {
        var packet = new MqttDisconnectPacket
        {
            ReasonCode = why.ReasonCode,
            Properties = new MqttProperties()
                .Add(MqttPropertyId.ReasonString, why.ReasonString)
                .Add(MqttPropertyId.ServerReference, why.ServerReference)
                .AddUser(why.UserProperties).OrNull(),
        };
        PacketRules.Fit(packet, connect);
        return packet;
    }

    /// <summary>Ends a connection that is silent for too long, or whose peer stopped reading.</summary>
    public Task CheckAsync()
    {
        var isSilent = connect.KeepAlivePeriod > 0
            && pipe.SinceReceived > TimeSpan.FromSeconds(connect.KeepAlivePeriod * 1.5);
        if (!isSilent && pipe.Stalled <= broker.Options.DefaultCommunicationTimeout)
            return Task.CompletedTask;
        return StopAsync(MqttDisconnectReasonCode.KeepAliveTimeout, null);
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                await session.WaitAsync(_alive.Token).ConfigureAwait(false);
                while (!_alive.IsCancellationRequested && session.TryNext(pipe.Version, _sendBytesMax, out var next))
                {
                    if (next.Message is null)
                    {
                        var pubRel = new MqttAckPacket(MqttPacketType.PubRel)
                        {
                            PacketIdentifier = next.PacketIdentifier,
                        };
                        await pipe.WriteAsync(pubRel, flush: false, _alive.Token).ConfigureAwait(false);
                        continue;
                    }
                    Interlocked.Increment(ref _messagesSent);
                    var header = _outgoingAliases?.Apply(next.Message, next.Header) ?? next.Header;
                    await pipe.WriteAsync(next.Message, header, flush: false, _alive.Token).ConfigureAwait(false);
                }
                await pipe.FlushAsync(_alive.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            if (!_alive.IsCancellationRequested)
                broker.Log(MqttNetLogLevel.Verbose, $"Client '{session.Id}' takes no more: {exception.Message}", null);
            await _alive.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <returns>False when the client said goodbye.</returns>
    private async ValueTask<bool> OnPacketAsync(MqttPacket packet)
    {
        PacketRules.Check(packet, pipe.Version);
        switch (packet)
        {
            case MqttPublishPacket publish:
                await OnPublishAsync(publish).ConfigureAwait(false);
                return true;
            case MqttAckPacket ack:
                await OnAckAsync(ack).ConfigureAwait(false);
                return true;
            case MqttSubscribePacket subscribe:
                await OnSubscribeAsync(subscribe).ConfigureAwait(false);
                return true;
            case MqttUnsubscribePacket unsubscribe:
                var released = await _subscriptions.UnsubscribeAsync(unsubscribe).ConfigureAwait(false);
                await pipe.WriteAsync(released, flush: false, _alive.Token).ConfigureAwait(false);
                return true;
            case MqttPingPacket { Type: MqttPacketType.PingReq }:
                await pipe.WriteAsync(MqttPingPacket.Response, flush: false, _alive.Token).ConfigureAwait(false);
                return true;
            case MqttDisconnectPacket goodbye:
                OnGoodbye(goodbye);
                return false;
            default:
                throw new MqttProtocolViolationException($"{packet.Type} is not for a client to send here.");
        }
    }

    private void OnGoodbye(MqttDisconnectPacket goodbye)
    {
        if (goodbye.SessionExpiryInterval is { } expiry)
        {
            if (expiry > 0 && connect.SessionExpiryInterval == 0)
                throw new MqttProtocolViolationException("DISCONNECT revives a session that CONNECT let expire.");
            session.ExpiryInterval = broker.Options.EnablePersistentSessions ? expiry : 0;
        }
        _goodbye = goodbye;
        EndedBy = MqttClientDisconnectType.Clean;
    }

    private async ValueTask OnPublishAsync(MqttPublishPacket publish)
    {
        Interlocked.Increment(ref _messagesReceived);
        var message = publish.Message;
        ResolveAlias(message);
        if (SysTopics.IsReserved(message.Topic))
        {
            await RefuseAsync(publish, MqttPubAckReasonCode.NotAuthorized).ConfigureAwait(false);
            return;
        }
        var isExactlyOnce = message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce;
        PublishResponse? response = null;
        var close = false;
        var mark = isExactlyOnce && KeptSession is { } kept
            ? new ReceivedMark(session, kept, publish.PacketIdentifier) : (ReceivedMark?)null;
        if (!isExactlyOnce || !session.WasReceived(publish.PacketIdentifier))
        {
            if (isExactlyOnce && !session.TryMarkReceived(publish.PacketIdentifier))
                throw new MqttProtocolViolationException(
                    MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                    $"More than {ServerLimits.ReceiveMaximum} messages are unreleased.");
            try
            {
                (response, close) = await broker
                    .PublishAsync(session.Id, session.Items, message, isOurs: true, _alive.Token, mark)
                    .ConfigureAwait(false);
            }
            catch
            {
                // Not taken after all: when the client repeats it, it has to count as new.
                session.ForgetReceived(publish.PacketIdentifier);
                throw;
            }
        }
        if (message.QualityOfServiceLevel > 0)
        {
            if (response is null && mark is not null)
                response = new PublishResponse
                {
                    Kept = broker.Store!.Add(new RepeatedOp(session, publish.PacketIdentifier)),
                };
            await AnswerAsync(publish, response, isExactlyOnce).ConfigureAwait(false);
        }
        if (close)
            await StopAsync(MqttDisconnectReasonCode.AdministrativeAction, null).ConfigureAwait(false);
    }

    private ValueTask RefuseAsync(MqttPublishPacket publish, MqttPubAckReasonCode reason)
    {
        var qos = publish.Message.QualityOfServiceLevel;
        return qos == MqttQualityOfServiceLevel.AtMostOnce
            ? ValueTask.CompletedTask
            : AnswerAsync(
                publish, new PublishResponse { ReasonCode = reason }, qos == MqttQualityOfServiceLevel.ExactlyOnce);
    }

    private ValueTask AnswerAsync(MqttPublishPacket publish, PublishResponse? response, bool isExactlyOnce)
    {
        var ack = new MqttAckPacket(isExactlyOnce ? MqttPacketType.PubRec : MqttPacketType.PubAck)
        {
            PacketIdentifier = publish.PacketIdentifier,
            ReasonCode = (int)(response?.ReasonCode ?? MqttPubAckReasonCode.Success),
        };
        // A refused message is over with its PUBREC. (3.1.1 cannot say so, and carries on to PUBCOMP.)
        if (isExactlyOnce && IsV5 && ack.ReasonCode >= 128)
            session.ForgetReceived(publish.PacketIdentifier);
        if (response is { HasReasons: true } && WantsReasons)
            ack.Properties = new MqttProperties()
                .Add(MqttPropertyId.ReasonString, response.ReasonString).AddUser(response.UserProperties).OrNull();
        PacketRules.Fit(ack, connect);
        return SendAsync(ack, response?.Kept);
    }

    /// <summary>What the file has to know before its answer leaves; null when the session is not kept.</summary>
    private KeptSession? KeptSession => session.Kept is { IsStored: true } kept ? kept : null;

    /// <summary>At once while nothing waits for the disk; otherwise in its turn.</summary>
    private ValueTask SendAsync(MqttAckPacket ack, StoreOp? op)
    {
        if (op is null && _acks is null)
            return pipe.WriteAsync(ack, flush: false, _alive.Token);
        _acks ??= new AckQueue(
            pipe, Refuse, () => StopAsync(MqttDisconnectReasonCode.QuotaExceeded, "The message could not be kept."));
        return _acks.SendAsync(ack, op, IsV5, _alive.Token);
    }

    /// <summary>
    /// The message could not be kept. MQTT 3.1.1 has no word for that: without an answer it stays the client's.
    /// </summary>
    private bool Refuse(MqttAckPacket ack)
    {
        if (!IsV5 || ack.Type is not (MqttPacketType.PubAck or MqttPacketType.PubRec))
            return false;
        if (ack.ReasonCode < 128)
            ack.ReasonCode = (int)MqttPubAckReasonCode.QuotaExceeded;
        return true;
    }

    private bool WantsReasons => connect.Properties?.Number(MqttPropertyId.RequestProblemInformation) != 0;

    private async ValueTask OnAckAsync(MqttAckPacket ack)
    {
        var id = ack.PacketIdentifier;
        switch (ack.Type)
        {
            case MqttPacketType.PubRec when ack.ReasonCode < 128:
                var isReleased = session.Release(id, out var kept);
                await AnswerAsync(MqttPacketType.PubRel, id, isReleased, kept).ConfigureAwait(false);
                return;
            case MqttPacketType.PubRel:
                var isForgotten = session.ForgetReceived(id);
                await AnswerAsync(
                    MqttPacketType.PubComp, id, isForgotten,
                    KeptSession is { } mine ? mine.Store.ForgetReceived(mine, id) : null).ConfigureAwait(false);
                return;
            default:
                session.Complete(id);
                return;
        }
    }

    private ValueTask AnswerAsync(MqttPacketType type, ushort id, bool isKnown, StoreOp? op)
    {
        var answer = new MqttAckPacket(type)
        {
            PacketIdentifier = id,
            ReasonCode = isKnown ? 0 : (int)MqttApplicationMessageReceivedReasonCode.PacketIdentifierNotFound,
        };
        return SendAsync(answer, op);
    }

    private async Task OnSubscribeAsync(MqttSubscribePacket packet)
    {
        var (grant, granted, close) = await _subscriptions.SubscribeAsync(packet, _alive.Token).ConfigureAwait(false);
        if (!WantsReasons)
            grant.Properties = null;
        PacketRules.Fit(grant, connect);
        await pipe.WriteAsync(grant, flush: false, _alive.Token).ConfigureAwait(false);
        foreach (var (filter, isNew) in granted)
            broker.SendRetained(session, filter, packet.SubscriptionIdentifier, isNew);
        if (close)
            await StopAsync(MqttDisconnectReasonCode.AdministrativeAction, null).ConfigureAwait(false);
    }

    private void ResolveAlias(MqttApplicationMessage message)
    {
        if (message.TopicAlias == 0)
            return;
        if (message.TopicAlias > ServerLimits.TopicAliasMaximum)
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.TopicAliasInvalid, $"Topic alias {message.TopicAlias} is over the maximum.");
        if (message.Topic.Length > 0)
            _aliases[message.TopicAlias] = message.Topic;
        else if (_aliases.TryGetValue(message.TopicAlias, out var topic))
            message.Topic = topic;
        else
            throw new MqttProtocolViolationException($"Topic alias {message.TopicAlias} stands for no topic.");
        message.TopicAlias = 0;
    }
}
