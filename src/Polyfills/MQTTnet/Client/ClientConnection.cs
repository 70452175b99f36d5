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
    private readonly ushort[] _toRelease;
    private Action<ClientConnection, MqttClientDisconnectedEventArgs>? _ended;
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
        Requests = new ClientRequests(pipe, options, session, result, clock, _alive.Token);
        _toRelease = result.ResultCode == MqttClientConnectResultCode.Success
            ? session.Resume(result.IsSessionPresent) : [];
    }

    /// <summary>What the client asks of the server.</summary>
    public ClientRequests Requests { get; }

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
        _inbox = new ClientInbox(_options, _session, received, _pipe, Requests.SendAsync, _logger);
        _ = Task.Run(() => _inbox.DeliverAsync(_alive.Token));
        _ = Task.Run(ReceiveAsync);
        _ = Task.Run(KeepAliveAsync);
    }

    public async Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellation)
    {
        using var limit = Requests.Limit(ref cancellation);
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
            return;
        var properties = new MqttProperties().Add(MqttPropertyId.ReasonString, options.ReasonString);
        if (options.SessionExpiryInterval > 0)
            properties.Add(MqttPropertyId.SessionExpiryInterval, options.SessionExpiryInterval);
        try
        {
            await Requests.SendAsync(
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

    private async Task ReceiveAsync()
    {
        try
        {
            foreach (var id in _toRelease)
                await Requests.SendAsync(new MqttAckPacket(MqttPacketType.PubRel) { PacketIdentifier = id }, default)
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
                return Requests.OnPubRecAsync(pubRec);
            case MqttAckPacket { Type: MqttPacketType.PubRel } pubRel:
                return _inbox!.OnPubRelAsync(pubRel, _alive.Token);
            case MqttAckPacket ack:
                Requests.OnAck(ack);
                return ValueTask.CompletedTask;
            case MqttGrantPacket grant:
                Requests.OnGrant(grant);
                return ValueTask.CompletedTask;
            case MqttPingPacket { Type: MqttPacketType.PingResp }:
                Requests.OnPong();
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
                await Requests.PingAsync(limit.Token).ConfigureAwait(false);
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
            await Requests.SendAsync(packet, limit.Token).ConfigureAwait(false);
            await _transport.CloseAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.Publish(MqttNetLogLevel.Verbose, nameof(ClientConnection), "No goodbye sent.", null, exception);
        }
    }

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
