using System.Threading.Channels;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>Messages on their way from the wire to the handler, in order, one at a time.</summary>
/// <remarks>
/// The reader never waits for a handler (which may itself await an answer from the server), so the queue is bounded by
/// what the server may send: QoS 1 and 2 by the receive maximum, QoS 0 by <see cref="QoS0Max"/>, beyond which it is
/// dropped.
/// </remarks>
internal sealed class ClientInbox(
    MqttClientOptions options,
    ClientSession session,
    AsyncEvent<MqttApplicationMessageReceivedEventArgs> received,
    Func<MqttPacket, CancellationToken, Task> send,
    IMqttNetLogger logger)
{
    public const int QoS0Max = 10_000;

    private readonly Channel<MqttPublishPacket> _queue = Channel.CreateUnbounded<MqttPublishPacket>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    // mosquitto 2.0.11 counts one PUBCOMP twice and so exceeds the receive maximum: only an excess that could fill
    // memory ends the connection.
    private readonly int _unacknowledgedMax =
        options.ReceiveMaximum > 0 ? Math.Max(1024, 8 * options.ReceiveMaximum) : ushort.MaxValue;
    private readonly Dictionary<ushort, string> _aliases = [];
    private int _unacknowledged;
    private int _queuedQoS0;

    public async ValueTask OnPublishAsync(MqttPublishPacket packet)
    {
        ResolveAlias(packet.Message);
        var qos = packet.Message.QualityOfServiceLevel;
        if (qos == MqttQualityOfServiceLevel.AtMostOnce)
        {
            if (Interlocked.Increment(ref _queuedQoS0) > QoS0Max)
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

    public ValueTask OnPubRelAsync(MqttAckPacket pubRel, PacketPipe pipe, CancellationToken cancellation)
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
            await foreach (var packet in _queue.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (packet.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
                    Interlocked.Decrement(ref _queuedQoS0);
                await DeliverAsync(packet, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended: what was not handed over is unacknowledged, and the server sends it again.
        }
    }

    private async Task DeliverAsync(MqttPublishPacket packet, CancellationToken cancellation)
    {
        var args = new MqttApplicationMessageReceivedEventArgs(options.ClientId, packet, AcknowledgeAsync);
        try
        {
            await received.InvokeAsync(args).ConfigureAwait(false);
            if (args.AutoAcknowledge)
                await args.AcknowledgeAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log("A message was not acknowledged: its handler failed, or the connection ended.", exception);
        }
    }

    private Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs args, CancellationToken cancellation)
    {
        var qos = args.ApplicationMessage.QualityOfServiceLevel;
        if (args.ProcessingFailed || qos == MqttQualityOfServiceLevel.AtMostOnce)
            return Task.CompletedTask;
        var isRefused = options.ProtocolVersion == MqttProtocolVersion.V500
            && ClientSession.IsRefusal((int)args.ReasonCode);
        if (qos == MqttQualityOfServiceLevel.ExactlyOnce && !isRefused)
            session.MarkReceived(args.PacketIdentifier);
        else
            Interlocked.Decrement(ref _unacknowledged);
        var type = qos == MqttQualityOfServiceLevel.AtLeastOnce ? MqttPacketType.PubAck : MqttPacketType.PubRec;
        var ack = Ack(type, args.PacketIdentifier);
        ack.ReasonCode = (int)args.ReasonCode;
        if (args.ResponseReasonString is not null || args.ResponseUserProperties.Count > 0)
            ack.Properties = new MqttProperties()
                .Add(MqttPropertyId.ReasonString, args.ResponseReasonString)
                .AddUser(args.ResponseUserProperties);
        return send(ack, cancellation);
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
