using System.Diagnostics;
using System.Threading.Channels;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>Messages on their way from the wire to the handler, in order, one at a time.</summary>
/// <remarks>
/// A handler may itself await an answer from the server, so the reader does not wait for it. The queue is bounded by
/// what the server may send: QoS 1 and 2 by the receive maximum, QoS 0 by <see cref="QoS0Max"/>. Beyond that the reader
/// lets a handler that is merely slower catch up, and drops messages of QoS 0 only while the handler stands still.
/// </remarks>
internal sealed class ClientInbox(
    MqttClientOptions options,
    ClientSession session,
    AsyncEvent<MqttApplicationMessageReceivedEventArgs> received,
    PacketPipe pipe,
    Func<MqttPacket, CancellationToken, Task> send,
    IMqttNetLogger logger)
{
    public const int QoS0Max = 10_000;
    private static readonly TimeSpan RoomPatience = TimeSpan.FromSeconds(1);

    private readonly Channel<MqttPublishPacket> _queue = Channel.CreateUnbounded<MqttPublishPacket>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    // mosquitto 2.0.11 counts one PUBCOMP twice and so exceeds the receive maximum: only an excess that could fill
    // memory ends the connection.
    private readonly int _unacknowledgedMax =
        options.ReceiveMaximum > 0 ? Math.Max(1024, 8 * options.ReceiveMaximum) : ushort.MaxValue;
    private readonly Dictionary<ushort, string> _aliases = [];
    private readonly SemaphoreSlim _room = new(0, 1);
    private int _unacknowledged;
    private int _queuedQoS0;
    private volatile bool _isRoomWanted;
    private volatile bool _standsStill;
    private long _unflushedSince;
    private Func<MqttApplicationMessageReceivedEventArgs, CancellationToken, Task>? _acknowledge;

    public async ValueTask OnPublishAsync(MqttPublishPacket packet)
    {
        ResolveAlias(packet.Message);
        var qos = packet.Message.QualityOfServiceLevel;
        if (qos == MqttQualityOfServiceLevel.AtMostOnce)
        {
            if (Interlocked.Increment(ref _queuedQoS0) > QoS0Max && !await RoomAsync().ConfigureAwait(false))
            {
                Interlocked.Decrement(ref _queuedQoS0);
                Log($"More than {QoS0Max} messages of QoS 0 wait for the handler; one was dropped.", null);
                return;
            }
        }
        else if (qos == MqttQualityOfServiceLevel.ExactlyOnce && session.WasReceived(packet.PacketIdentifier))
        {
            // Delivered in an earlier connection; the server only missed the PUBREC.
            Interlocked.Increment(ref _unacknowledged);
            await send(Ack(MqttPacketType.PubRec, packet.PacketIdentifier), default).ConfigureAwait(false);
            return;
        }
        else if (Interlocked.Increment(ref _unacknowledged) > _unacknowledgedMax)
        {
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                $"The server sent more than {_unacknowledgedMax} unacknowledged messages.");
        }
        _queue.Writer.TryWrite(packet);
    }

    public ValueTask OnPubRelAsync(MqttAckPacket pubRel, CancellationToken cancellation)
    {
        session.ForgetReceived(pubRel.PacketIdentifier);
        if (Interlocked.Decrement(ref _unacknowledged) < 0)
            Interlocked.Increment(ref _unacknowledged);
        return pipe.WriteAsync(Ack(MqttPacketType.PubComp, pubRel.PacketIdentifier), flush: false, cancellation);
    }

    public async Task DeliverAsync(CancellationToken cancellation)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                while (!cancellation.IsCancellationRequested && _queue.Reader.TryRead(out var packet))
                {
                    if (packet.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
                        LeaveRoom();
                    await DeliverAsync(packet, cancellation).ConfigureAwait(false);
                }
                await FlushAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended: what was not handed over is unacknowledged, and the server sends it again.
        }
    }

    /// <summary>Waits for the handler, unless it did nothing since the last wait.</summary>
    /// <returns>False when there is still no room.</returns>
    private async ValueTask<bool> RoomAsync()
    {
        if (_standsStill)
            return false;
        _isRoomWanted = true;
        var isOver = Volatile.Read(ref _queuedQoS0) > QoS0Max;
        if (isOver && !await _room.WaitAsync(RoomPatience).ConfigureAwait(false))
            _standsStill = Volatile.Read(ref _queuedQoS0) > QoS0Max;
        _isRoomWanted = false;
        return !_standsStill;
    }

    private void LeaveRoom()
    {
        _standsStill = false;
        // At half: the reader and the handler take turns in long stretches.
        if (Interlocked.Decrement(ref _queuedQoS0) > QoS0Max / 2 || !_isRoomWanted)
            return;
        _isRoomWanted = false;
        if (_room.CurrentCount == 0)
            _room.Release();
    }

    private async ValueTask DeliverAsync(MqttPublishPacket packet, CancellationToken cancellation)
    {
        var args = new MqttApplicationMessageReceivedEventArgs(
            options.ClientId, packet, _acknowledge ??= AcknowledgeAsync);
        try
        {
            var handling = received.InvokeAsync(args);
            var isQuick = handling.IsCompletedSuccessfully;
            await handling.ConfigureAwait(false);
            if (args.AutoAcknowledge)
                args.TakeAcknowledgement();
            if (args.AutoAcknowledge && Acknowledgement(args) is { } ack)
            {
                await pipe.WriteAsync(ack, flush: false, cancellation).ConfigureAwait(false);
                await FlushUnlessQuickAsync(isQuick, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Log("A message was not acknowledged: its handler failed, or the connection ended.", exception);
        }
    }

    /// <summary>
    /// Acknowledgements of messages that are handled in a moment leave together; none waits for a slow handler.
    /// </summary>
    private ValueTask FlushUnlessQuickAsync(bool isQuick, CancellationToken cancellation)
    {
        if (_unflushedSince == 0)
            _unflushedSince = Stopwatch.GetTimestamp();
        return isQuick && Stopwatch.GetElapsedTime(_unflushedSince).TotalMilliseconds < 1
            ? ValueTask.CompletedTask
            : FlushAsync(cancellation);
    }

    private ValueTask FlushAsync(CancellationToken cancellation)
    {
        _unflushedSince = 0;
        return pipe.FlushAsync(cancellation);
    }

    private Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs args, CancellationToken cancellation) =>
        Acknowledgement(args) is { } ack ? send(ack, cancellation) : Task.CompletedTask;

    /// <returns>Null when none is due.</returns>
    private MqttAckPacket? Acknowledgement(MqttApplicationMessageReceivedEventArgs args)
    {
        var qos = args.ApplicationMessage.QualityOfServiceLevel;
        if (args.ProcessingFailed || qos == MqttQualityOfServiceLevel.AtMostOnce)
            return null;
        var isRefused = options.ProtocolVersion == MqttProtocolVersion.V500
            && ClientSession.IsRefusal((int)args.ReasonCode);
        if (qos == MqttQualityOfServiceLevel.ExactlyOnce && !isRefused)
            session.MarkReceived(args.PacketIdentifier);
        else
            Interlocked.Decrement(ref _unacknowledged);
        var type = qos == MqttQualityOfServiceLevel.AtLeastOnce ? MqttPacketType.PubAck : MqttPacketType.PubRec;
        var ack = Ack(type, args.PacketIdentifier);
        ack.ReasonCode = (int)args.ReasonCode;
        if (args.ResponseReasonString is not null || args.HasResponseUserProperties)
            ack.Properties = new MqttProperties()
                .Add(MqttPropertyId.ReasonString, args.ResponseReasonString)
                .AddUser(args.ResponseUserProperties);
        return ack;
    }

    private void ResolveAlias(MqttApplicationMessage message)
    {
        if (message.TopicAlias == 0)
            return;
        if (message.TopicAlias > options.TopicAliasMaximum)
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.TopicAliasInvalid, $"Topic alias {message.TopicAlias} is over the maximum.");
        if (message.Topic.Length > 0)
            _aliases[message.TopicAlias] = message.Topic;
        else if (_aliases.TryGetValue(message.TopicAlias, out var topic))
            message.Topic = topic;
        else
            throw new MqttProtocolViolationException($"Topic alias {message.TopicAlias} stands for no topic.");
    }

    private static MqttAckPacket Ack(MqttPacketType type, ushort id) => new(type) { PacketIdentifier = id };

    private void Log(string message, Exception? exception) =>
        logger.Publish(MqttNetLogLevel.Warning, nameof(MqttClient), message, null, exception);
}
