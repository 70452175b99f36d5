using MQTTnet.Exceptions;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server.Persistence;

/// <summary>
/// Acknowledgements that wait for the disk, in the order of what they answer (MQTT-4.6.0-2 to -4). The connection reads
/// on meanwhile, so that the messages of one client share an fsync.
/// </summary>
/// <param name="refuse">
/// Makes an answer of one whose change was refused; false: there is none, and the connection ends.
/// </param>
internal sealed class AckQueue(PacketPipe pipe, Func<MqttAckPacket, bool> refuse, Func<Task> stop)
{
    /// <summary>Beside a client's own messages: the PUBREL and PUBCOMP that may wait.</summary>
    private const int WaitingMax = 4 * ServerLimits.ReceiveMaximum;

    private readonly Queue<(MqttAckPacket Ack, StoreOp? Op)> _waiting = new();
    private int _publishes;
    private Task _draining = Task.CompletedTask;

    /// <summary>Sends at once when there is nothing to wait for; else in its turn.</summary>
    /// <exception cref="MqttProtocolViolationException">Too many messages of the client are unanswered.</exception>
    public async ValueTask SendAsync(MqttAckPacket ack, StoreOp? op, bool isStrict, CancellationToken cancellation)
    {
        var isPublish = ack.Type is MqttPacketType.PubAck or MqttPacketType.PubRec;
        var drained = Task.CompletedTask;
        lock (_waiting)
        {
            if (op is not null || _waiting.Count > 0)
            {
                _publishes += isPublish ? 1 : 0;
                if (isStrict && _publishes > ServerLimits.ReceiveMaximum)
                    throw new MqttProtocolViolationException(
                        MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                        $"More than {ServerLimits.ReceiveMaximum} messages are unanswered.");
                _waiting.Enqueue((ack, op));
                if (_waiting.Count == 1)
                    _draining = Task.Run(() => DrainAsync(cancellation), CancellationToken.None);
                // MQTT 3.1.1 has no word for "slower": its clients are held back by not being read.
                else if (_waiting.Count > WaitingMax)
                    drained = _draining;
                ack = null!;
            }
        }
        if (ack is not null)
            await pipe.WriteAsync(ack, flush: false, cancellation).ConfigureAwait(false);
        await drained.ConfigureAwait(false);
    }

    private async Task DrainAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                (MqttAckPacket Ack, StoreOp? Op) first;
                lock (_waiting)
                    first = _waiting.Peek();
                var isDone = first.Op is null
                    || await first.Op.DoneAsync().AsTask().WaitAsync(cancellation).ConfigureAwait(false);
                if (!isDone && !refuse(first.Ack))
                {
                    await stop().ConfigureAwait(false);
                    return;
                }
                await pipe.WriteAsync(first.Ack, flush: false, cancellation).ConfigureAwait(false);
                if (!TakeOff(out var isLast))
                    await pipe.FlushAsync(cancellation).ConfigureAwait(false);
                if (isLast)
                    return;
            }
        }
        catch (Exception)
        {
            // The connection ended; its client will ask again.
        }
    }

    /// <returns>True when another can follow without waiting.</returns>
    private bool TakeOff(out bool isLast)
    {
        lock (_waiting)
        {
            var ack = _waiting.Dequeue().Ack;
            _publishes -= ack.Type is MqttPacketType.PubAck or MqttPacketType.PubRec ? 1 : 0;
            isLast = _waiting.Count == 0;
            return !isLast && _waiting.Peek().Op is null or { State: not StoreOpState.Waiting };
        }
    }
}
