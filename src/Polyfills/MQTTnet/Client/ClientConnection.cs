using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>One connection to a server, from CONNACK to its end.</summary>
internal sealed class ClientConnection
{
    private readonly ClientTransport _transport;
    private readonly PacketPipe _pipe;
    private readonly MqttClientOptions _options;
    private readonly ClientSession _session;
    private readonly MqttClientConnectResult _result;
    private readonly IMqttNetLogger _logger;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _alive = new();
    private readonly SemaphoreSlim _quota;
    private readonly ushort[] _toRelease;
    private Action<ClientConnection, MqttClientDisconnectedEventArgs>? _ended;
    private TaskCompletionSource _pong = NewPong();
    private ClientInbox? _inbox;
    private int _isEnding;

    private ClientConnection(
        ClientTransport transport,
        PacketPipe pipe,
        MqttClientOptions options,
        ClientSession session,
        MqttClientConnectResult result,
        IMqttNetLogger logger,
        TimeProvider clock)
    {
        (_transport, _pipe, _options, _session, _result) = (transport, pipe, options, session, result);
        (_logger, _clock) = (logger, clock);
        _quota = new SemaphoreSlim(result.ReceiveMaximum ?? ushort.MaxValue);
        _toRelease = result.ResultCode == MqttClientConnectResultCode.Success
            ? session.Resume(result.IsSessionPresent) : [];
    }

    private bool IsV5 => _pipe.Version == MqttProtocolVersion.V500;

    public static async Task<(ClientConnection Connection, MqttClientConnectResult Result)> OpenAsync(
        MqttClientOptions options,
        ClientSession session,
        IMqttNetLogger logger,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        ClientTransport transport;
        try
        {
            transport = await ClientTransport
                .ConnectAsync((MqttClientTcpOptions)options.ChannelOptions, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new MqttCommunicationException(exception);
        }
        try
        {
            var pipe = new PacketPipe(transport.Input, transport.Output, clock) { Version = options.ProtocolVersion };
            if (options.MaximumPacketSize > 0)
                pipe.ReadBytesMax = options.MaximumPacketSize;
            var connAck = await ClientHandshake.ConnectAsync(pipe, options, cancellation).ConfigureAwait(false);
            var result = ClientHandshake.Result(connAck);
            return (new ClientConnection(transport, pipe, options, session, result, logger, clock), result);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    public void Start(
        AsyncEvent<MqttApplicationMessageReceivedEventArgs> received,
        Action<ClientConnection, MqttClientDisconnectedEventArgs> ended)
    {
        _ended = ended;
        _inbox = new ClientInbox(_options, _session, received, SendAsync, _logger);
        _ = Task.Run(() => _inbox.DeliverAsync(_alive.Token));
        _ = Task.Run(ReceiveAsync);
        _ = Task.Run(KeepAliveAsync);
    }

    public async Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message, CancellationToken cancellation)
    {
        var qos = message.QualityOfServiceLevel;
        Check(message);
        using var limit = Limit(ref cancellation);
        if (qos == MqttQualityOfServiceLevel.AtMostOnce)
        {
            await SendAsync(message, 0, cancellation).ConfigureAwait(false);
            return MqttClientPublishResult.QoS0;
        }
        await AwaitAsync(_quota.WaitAsync(_alive.Token), cancellation).ConfigureAwait(false);
        var (id, exchange) = _session.Begin(
            qos == MqttQualityOfServiceLevel.AtLeastOnce ? MqttPacketType.PubAck : MqttPacketType.PubComp);
        var answer = exchange.Waiter!.Task;
        await SendAsync(message, id, cancellation).ConfigureAwait(false);
        var ack = (MqttAckPacket)await AwaitAsync(answer, cancellation).ConfigureAwait(false);
        var told = exchange.Received is { } pubRec && ack.ReasonCode == 0 ? pubRec : ack;
        return new MqttClientPublishResult(
            id, (MqttClientPublishReasonCode)told.ReasonCode, told.ReasonString, told.UserProperties ?? []);
    }

    public async Task<MqttClientSubscribeResult> SubscribeAsync(
        MqttClientSubscribeOptions options, CancellationToken cancellation)
    {
        if (_options.ValidateFeatures)
            OptionChecks.ThrowIfNotSupported(options, _pipe.Version);
        using var limit = Limit(ref cancellation);
        var (id, exchange) = _session.Begin(MqttPacketType.SubAck);
        var answer = exchange.Waiter!.Task;
        var properties = new MqttProperties();
        if (options.SubscriptionIdentifier > 0)
            properties.Add(MqttPropertyId.SubscriptionIdentifier, options.SubscriptionIdentifier);
        await SendAsync(
            new MqttSubscribePacket
            {
                PacketIdentifier = id,
                TopicFilters = options.TopicFilters,
                Properties = properties.AddUser(options.UserProperties).OrNull(),
            },
            cancellation).ConfigureAwait(false);
        var grant = (MqttGrantPacket)await AwaitAsync(answer, cancellation).ConfigureAwait(false);
        if (grant.ReasonCodes.Length != options.TopicFilters.Count)
            throw new MqttProtocolViolationException("SUBACK has another number of codes than SUBSCRIBE had filters.");
        var items = options.TopicFilters.Select((filter, i) =>
            new MqttClientSubscribeResultItem(filter, (MqttClientSubscribeResultCode)grant.ReasonCodes[i]));
        return new MqttClientSubscribeResult(id, [.. items], grant.ReasonString, grant.UserProperties ?? []);
    }

    public async Task<MqttClientUnsubscribeResult> UnsubscribeAsync(
        MqttClientUnsubscribeOptions options, CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        var (id, exchange) = _session.Begin(MqttPacketType.UnsubAck);
        var answer = exchange.Waiter!.Task;
        await SendAsync(
            new MqttUnsubscribePacket
            {
                PacketIdentifier = id,
                TopicFilters = options.TopicFilters,
                Properties = new MqttProperties().AddUser(options.UserProperties).OrNull(),
            },
            cancellation).ConfigureAwait(false);
        var grant = (MqttGrantPacket)await AwaitAsync(answer, cancellation).ConfigureAwait(false);
        var items = options.TopicFilters.Select((filter, i) => new MqttClientUnsubscribeResultItem(
            filter, (MqttClientUnsubscribeResultCode)grant.ReasonCodes.ElementAtOrDefault(i)));
        return new MqttClientUnsubscribeResult(id, [.. items], grant.ReasonString, grant.UserProperties ?? []);
    }

    public async Task PingAsync(CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        var pong = Volatile.Read(ref _pong).Task;
        await SendAsync(MqttPingPacket.Request, cancellation).ConfigureAwait(false);
        await AwaitAsync(pong.WaitAsync(_alive.Token), cancellation).ConfigureAwait(false);
    }

    public async Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellation)
    {
        using var limit = Limit(ref cancellation);
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
            return;
        var properties = new MqttProperties().Add(MqttPropertyId.ReasonString, options.ReasonString);
        if (options.SessionExpiryInterval > 0)
            properties.Add(MqttPropertyId.SessionExpiryInterval, options.SessionExpiryInterval);
        try
        {
            await SendAsync(
                new MqttDisconnectPacket
                {
                    ReasonCode = (MqttDisconnectReasonCode)options.Reason,
                    Properties = properties.AddUser(options.UserProperties).OrNull(),
                },
                cancellation).ConfigureAwait(false);
            await _transport.CloseAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Finish((MqttClientDisconnectReason)options.Reason, null, null, null);
        }
    }

    /// <summary>Drops the connection as it is.</summary>
    public void Abort() => End(MqttClientDisconnectReason.NormalDisconnection, null, null, null);

    /// <summary>What the event shows of an end that the server announced: its reason, and no exception.</summary>
    public MqttClientDisconnectedEventArgs WithoutServersGoodbye(MqttClientDisconnectedEventArgs why) =>
        why.Exception is not MqttClientUnexpectedDisconnectReceivedException
            ? why
            : new MqttClientDisconnectedEventArgs(
                why.ClientWasConnected, why.ConnectResult, why.Reason, why.ReasonString, why.UserProperties, null);

    private static TaskCompletionSource NewPong() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Check(MqttApplicationMessage message)
    {
        if (_options.ValidateFeatures)
            OptionChecks.ThrowIfNotSupported(message, _pipe.Version);
        var bytesMax = _result.MaximumPacketSize ?? MqttDecoder.PacketBytesMax;
        var size = PublishEncoder.SizeOf(message, Header(message, ushort.MaxValue), _pipe.Version);
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
        message.SubscriptionIdentifiers);

    private CancellationTokenSource? Limit(ref CancellationToken cancellation)
    {
        if (cancellation.CanBeCanceled)
            return null;
        var limit = new CancellationTokenSource(_options.Timeout, _clock);
        cancellation = limit.Token;
        return limit;
    }

    private async Task ReceiveAsync()
    {
        try
        {
            foreach (var id in _toRelease)
                await SendAsync(new MqttAckPacket(MqttPacketType.PubRel) { PacketIdentifier = id }, default)
                    .ConfigureAwait(false);
            while (await _pipe.ReadAsync(_alive.Token).ConfigureAwait(false) is { } packet)
                await OnPacketAsync(packet).ConfigureAwait(false);
            End(MqttClientDisconnectReason.NormalDisconnection, null, null, null);
        }
        catch (MqttProtocolViolationException exception)
        {
            await SayWhyAsync(exception).ConfigureAwait(false);
            End((MqttClientDisconnectReason)exception.ReasonCode, exception.Message, null, exception);
        }
        catch (Exception exception)
        {
            var why = exception is MqttCommunicationException ? exception : new MqttCommunicationException(exception);
            End(MqttClientDisconnectReason.UnspecifiedError, null, null, why);
        }
    }

    private ValueTask OnPacketAsync(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPublishPacket publish:
                return _inbox!.OnPublishAsync(publish);
            case MqttAckPacket { Type: MqttPacketType.PubRec } pubRec:
                return OnPubRecAsync(pubRec);
            case MqttAckPacket { Type: MqttPacketType.PubRel } pubRel:
                return _inbox!.OnPubRelAsync(pubRel, _pipe, _alive.Token);
            case MqttAckPacket ack:
                if (_session.TryEnd(ack.PacketIdentifier, ack.Type, out var published))
                    Complete(published, ack);
                return ValueTask.CompletedTask;
            case MqttGrantPacket grant:
                if (_session.TryEnd(grant.PacketIdentifier, grant.Type, out var granted))
                    granted.Waiter?.TrySetResult(grant);
                return ValueTask.CompletedTask;
            case MqttPingPacket { Type: MqttPacketType.PingResp }:
                Interlocked.Exchange(ref _pong, NewPong()).TrySetResult();
                return ValueTask.CompletedTask;
            case MqttDisconnectPacket goodbye:
                End(
                    (MqttClientDisconnectReason)goodbye.ReasonCode, goodbye.ReasonString, goodbye.UserProperties,
                    new MqttClientUnexpectedDisconnectReceivedException(goodbye));
                return ValueTask.CompletedTask;
            default:
                throw new MqttProtocolViolationException($"{packet.Type} is not for a server to send here.");
        }
    }

    private ValueTask OnPubRecAsync(MqttAckPacket pubRec)
    {
        var exchange = _session.Released(pubRec);
        if (exchange is not null && ClientSession.IsRefusal(pubRec.ReasonCode))
        {
            if (_session.TryEnd(pubRec.PacketIdentifier, MqttPacketType.PubComp, out _))
                Complete(exchange, pubRec);
            return ValueTask.CompletedTask;
        }
        var pubRel = new MqttAckPacket(MqttPacketType.PubRel)
        {
            PacketIdentifier = pubRec.PacketIdentifier,
            ReasonCode = exchange is null ? (int)MqttApplicationMessageReceivedReasonCode.PacketIdentifierNotFound : 0,
        };
        return _pipe.WriteAsync(pubRel, flush: false, _alive.Token);
    }

    private void Complete(ClientSession.Exchange exchange, MqttAckPacket ack)
    {
        // An exchange of an earlier connection has no waiter, and held no place in this connection's quota.
        if (exchange.Waiter is not { } waiter)
            return;
        _quota.Release();
        waiter.TrySetResult(ack);
    }

    private async Task KeepAliveAsync()
    {
        var period = _result.ServerKeepAlive > 0
            ? TimeSpan.FromSeconds(_result.ServerKeepAlive) : _options.KeepAlivePeriod;
        if (period <= TimeSpan.Zero)
            return;
        var patience = period < _options.Timeout ? period : _options.Timeout;
        try
        {
            while (true)
            {
                // Silence in either direction counts: a line that only takes what we write may be dead.
                var silent = _pipe.SinceSent > _pipe.SinceReceived ? _pipe.SinceSent : _pipe.SinceReceived;
                if (silent < period)
                {
                    await Task.Delay(period - silent, _clock, _alive.Token).ConfigureAwait(false);
                    continue;
                }
                using var limit = new CancellationTokenSource(patience, _clock);
                await PingAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (!_alive.IsCancellationRequested)
        {
            End(
                MqttClientDisconnectReason.KeepAliveTimeout, "The server did not answer a PINGREQ.", null,
                new MqttCommunicationTimedOutException(exception));
        }
        catch (Exception)
        {
            // The connection ended, and with it the need to keep it alive.
        }
    }

    private async Task SayWhyAsync(MqttProtocolViolationException violation)
    {
        if (!IsV5)
            return;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);
            var packet = new MqttDisconnectPacket { ReasonCode = violation.ReasonCode };
            await SendAsync(packet, limit.Token).ConfigureAwait(false);
            await _transport.CloseAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.Publish(MqttNetLogLevel.Verbose, nameof(ClientConnection), "No goodbye sent.", null, exception);
        }
    }

    private Task SendAsync(MqttPacket packet, CancellationToken cancellation) =>
        AwaitAsync(_pipe.WriteAsync(packet, flush: true, _alive.Token), cancellation);

    private Task SendAsync(MqttApplicationMessage message, ushort id, CancellationToken cancellation) =>
        AwaitAsync(_pipe.WriteAsync(message, Header(message, id), flush: true, _alive.Token), cancellation);

    /// <summary>The caller may leave; a write under way is not torn, for half a packet would end the connection.</summary>
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
        catch (Exception exception) when (_alive.IsCancellationRequested && exception is not MqttCommunicationException)
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

    private void End(
        MqttClientDisconnectReason reason, string? text, List<MqttUserProperty>? properties, Exception? exception)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0)
            Finish(reason, text, properties, exception);
    }

    private void Finish(
        MqttClientDisconnectReason reason, string? text, List<MqttUserProperty>? properties, Exception? exception)
    {
        _alive.Cancel();
        _transport.Dispose();
        _ended?.Invoke(
            this, new MqttClientDisconnectedEventArgs(true, _result, reason, text, properties, exception));
    }
}
