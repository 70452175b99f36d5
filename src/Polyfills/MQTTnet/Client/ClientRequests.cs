using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>What one connection asks of its server, and the answers it waits for.</summary>
internal sealed class ClientRequests(
    PacketPipe pipe,
    MqttClientOptions options,
    ClientSession session,
    MqttClientConnectResult connected,
    TimeProvider clock,
    CancellationToken alive)
{
    private readonly PublishTurns _turns = new(connected.ReceiveMaximum ?? ushort.MaxValue, alive);
    private static readonly Task<MqttClientPublishResult> PublishedQoS0 =
        Task.FromResult(MqttClientPublishResult.QoS0);
    private TaskCompletionSource _pong = NewPong();
    private ITimer? _patience;
    private Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>>? _begin;

    /// <summary>
    /// Without a cancellation of the caller's own, the common way costs one task: no timer and no continuation of its own.
    /// </summary>
    public Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message, CancellationToken cancellation)
    {
        try
        {
            Check(message);
            if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            {
                var sent = pipe.WriteAsync(message, Header(message, 0), flush: true, alive);
                return sent.IsCompletedSuccessfully ? PublishedQoS0 : FinishAsync(sent, PublishedQoS0, cancellation);
            }
            return _turns.TryBegin(message, cancellation, _begin ??= BeginAsync)
                ?? PublishLaterAsync(message, cancellation);
        }
        catch (Exception exception)
        {
            return Task.FromException<MqttClientPublishResult>(exception);
        }
    }

    private Task<MqttClientPublishResult> BeginAsync(MqttApplicationMessage message, CancellationToken cancellation)
    {
        var (id, exchange) = session.Begin(
            message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce
                ? MqttPacketType.PubAck : MqttPacketType.PubComp);
        // Read before the message leaves: the end of the connection takes it out of the exchange.
        var answer = exchange.Published!.Task;
        var sent = pipe.WriteAsync(message, Header(message, id), flush: true, alive);
        if (!sent.IsCompletedSuccessfully || cancellation.CanBeCanceled)
            return FinishAsync(sent, answer, cancellation);
        exchange.Began = clock.GetTimestamp();
        if (_patience is null && options.Timeout != Timeout.InfiniteTimeSpan)
            WatchPatience();
        return answer;
    }

    private async Task<MqttClientPublishResult> PublishLaterAsync(
        MqttApplicationMessage message, CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        return await _turns.WaitAsync(message, cancellation, _begin!).ConfigureAwait(false);
    }

    private async Task<MqttClientPublishResult> FinishAsync(
        ValueTask sent, Task<MqttClientPublishResult> answer, CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        await AwaitAsync(sent, cancellation).ConfigureAwait(false);
        return await answer.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>One timer for all publishes that wait with no limit but the options'.</summary>
    private void WatchPatience()
    {
        var often = Math.Clamp(options.Timeout.TotalMilliseconds / 16, 10, 1000);
        var timer = clock.CreateTimer(
            static requests => ((ClientRequests)requests!).CheckPatience(), this,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (Interlocked.CompareExchange(ref _patience, timer, null) is null)
            timer.Change(TimeSpan.FromMilliseconds(often), TimeSpan.FromMilliseconds(often));
        else
            timer.Dispose();
    }

    private void CheckPatience()
    {
        if (alive.IsCancellationRequested)
            _patience?.Dispose();
        else
            session.CancelOlderThan(options.Timeout, clock);
    }

    public async Task<MqttClientSubscribeResult> SubscribeAsync(
        MqttClientSubscribeOptions request, CancellationToken cancellation)
    {
        if (options.ValidateFeatures)
            OptionChecks.ThrowIfNotSupported(request, pipe.Version);
        ServerOffers.Check(request, connected);
        using var limit = Limit(ref cancellation);
        var (id, exchange) = session.Begin(MqttPacketType.SubAck);
        var answer = exchange.Granted!.Task;
        var properties = new MqttProperties();
        if (request.SubscriptionIdentifier > 0)
            properties.Add(MqttPropertyId.SubscriptionIdentifier, request.SubscriptionIdentifier);
        await SendAsync(
            new MqttSubscribePacket
            {
                PacketIdentifier = id,
                TopicFilters = request.TopicFilters,
                Properties = properties.AddUser(request.UserProperties).OrNull(),
            },
            cancellation).ConfigureAwait(false);
        var grant = (MqttGrantPacket)await AwaitAsync(answer, cancellation).ConfigureAwait(false);
        if (grant.ReasonCodes.Length != request.TopicFilters.Count)
            throw new MqttProtocolViolationException("SUBACK has another number of codes than SUBSCRIBE had filters.");
        var items = request.TopicFilters.Select((filter, i) =>
            new MqttClientSubscribeResultItem(filter, (MqttClientSubscribeResultCode)grant.ReasonCodes[i]));
        return new MqttClientSubscribeResult(id, [.. items], grant.ReasonString, grant.UserProperties ?? []);
    }

    public async Task<MqttClientUnsubscribeResult> UnsubscribeAsync(
        MqttClientUnsubscribeOptions request, CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        var (id, exchange) = session.Begin(MqttPacketType.UnsubAck);
        var answer = exchange.Granted!.Task;
        await SendAsync(
            new MqttUnsubscribePacket
            {
                PacketIdentifier = id,
                TopicFilters = request.TopicFilters,
                Properties = new MqttProperties().AddUser(request.UserProperties).OrNull(),
            },
            cancellation).ConfigureAwait(false);
        var grant = (MqttGrantPacket)await AwaitAsync(answer, cancellation).ConfigureAwait(false);
        var items = request.TopicFilters.Select((filter, i) => new MqttClientUnsubscribeResultItem(
            filter, (MqttClientUnsubscribeResultCode)grant.ReasonCodes.ElementAtOrDefault(i)));
        return new MqttClientUnsubscribeResult(id, [.. items], grant.ReasonString, grant.UserProperties ?? []);
    }

    public async Task PingAsync(CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        var pong = Volatile.Read(ref _pong).Task;
        await SendAsync(MqttPingPacket.Request, cancellation).ConfigureAwait(false);
        await AwaitAsync(pong.WaitAsync(alive), cancellation).ConfigureAwait(false);
    }

    public void OnAck(MqttAckPacket ack)
    {
        if (session.TryEnd(ack.PacketIdentifier, ack.Type, out var exchange))
            Complete(exchange, ack);
    }

    public ValueTask OnPubRecAsync(MqttAckPacket pubRec)
    {
        var exchange = session.Released(pubRec);
        if (exchange is not null && ClientSession.IsRefusal(pubRec.ReasonCode))
        {
            if (session.TryEnd(pubRec.PacketIdentifier, MqttPacketType.PubComp, out _))
                Complete(exchange, pubRec);
            return ValueTask.CompletedTask;
        }
        var pubRel = new MqttAckPacket(MqttPacketType.PubRel)
        {
            PacketIdentifier = pubRec.PacketIdentifier,
            ReasonCode = exchange is null ? (int)MqttApplicationMessageReceivedReasonCode.PacketIdentifierNotFound : 0,
        };
        return pipe.WriteAsync(pubRel, flush: false, alive);
    }

    public void OnGrant(MqttGrantPacket grant)
    {
        if (session.TryEnd(grant.PacketIdentifier, grant.Type, out var exchange))
            exchange.Granted?.TrySetResult(grant);
    }

    public void OnPong() => Interlocked.Exchange(ref _pong, NewPong()).TrySetResult();

    public Task SendAsync(MqttPacket packet, CancellationToken cancellation) =>
        AwaitAsync(pipe.WriteAsync(packet, flush: true, alive), cancellation);

    /// <summary>
    /// The caller may leave; a write under way is not torn, for half a packet would end the connection.
    /// </summary>
    private async Task AwaitAsync(ValueTask work, CancellationToken cancellation)
    {
        if (work.IsCompletedSuccessfully)
            return;
        await AwaitAsync(work.AsTask(), cancellation).ConfigureAwait(false);
    }

    private async Task AwaitAsync(Task work, CancellationToken cancellation)
    {
        try
        {
            await work.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (alive.IsCancellationRequested && exception is not MqttCommunicationException)
        {
            throw new MqttClientDisconnectedException(exception);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            throw new MqttCommunicationException(exception);
        }
    }

    private static async Task<MqttPacket> AwaitAsync(Task<MqttPacket> answer, CancellationToken cancellation) =>
        await answer.WaitAsync(cancellation).ConfigureAwait(false);

    private void Check(MqttApplicationMessage message)
    {
        if (options.ValidateFeatures)
            OptionChecks.ThrowIfNotSupported(message, pipe.Version);
        ServerOffers.Check(message, connected);
        var bytesMax = connected.MaximumPacketSize ?? MqttDecoder.PacketBytesMax;
        var size = PublishEncoder.SizeOf(message, Header(message, ushort.MaxValue), pipe.Version);
        if (size > bytesMax)
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.PacketTooLarge,
                $"A message of {size} bytes is over the server's limit of {bytesMax} bytes.");
    }

    private static PublishHeader Header(MqttApplicationMessage message, ushort id) => new(
        id,
        message.QualityOfServiceLevel,
        message.Dup,
        message.Retain,
        message.MessageExpiryInterval,
        message.SubscriptionIdentifiers)
    {
        TopicAlias = message.TopicAlias,
    };

    /// <summary>A caller without a cancellation of its own gets the options' timeout.</summary>
    public CancellationTokenSource? Limit(ref CancellationToken cancellation)
    {
        if (cancellation.CanBeCanceled)
            return null;
        var limit = new CancellationTokenSource(options.Timeout, clock);
        cancellation = limit.Token;
        return limit;
    }

    private void Complete(ClientSession.Exchange exchange, MqttAckPacket ack)
    {
        // An exchange of an earlier connection has no waiter, and held no place in this connection's quota.
        if (exchange.Published is not { } waiter)
            return;
        _turns.Release();
        var told = exchange.Received is { } pubRec && ack.ReasonCode == 0 ? pubRec : ack;
        waiter.TrySetResult(new MqttClientPublishResult(
            ack.PacketIdentifier, (MqttClientPublishReasonCode)told.ReasonCode, told.ReasonString,
            told.UserProperties ?? []));
    }

    private static TaskCompletionSource NewPong() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
