using MQTTnet.Internal;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server.Persistence;

/// <summary>
/// All that one message means to the file, in one change: what is retained, who gets it, and under which identifier it
/// came. Its deliveries start, and its publisher is answered, when it is written.
/// </summary>
internal sealed class PublishOp(SessionStore store, MqttApplicationMessage message, ReceivedMark? mark)
    : StoreOp(mayBeRefused: true)
{
    private readonly List<(Session Session, Delivery Delivery)> _deliveries = [];
    private readonly KeptMessage _message = new(store.NextId());
    private readonly long _taken = store.Now();
    private bool _isRetained;
    private RetainedMessages.Entry? _replaced;

    public MqttApplicationMessage Message => message;

    /// <summary>Tells a delivery's fate: whose it is, and what became of it.</summary>
    public Action<Session, EnqueueResult>? Delivered { get; init; }

    /// <summary>Deliver also what could not be written: nobody was promised that it is kept.</summary>
    public bool DeliversUnwritten { get; init; }

    public override long Bytes => MessageBody.SizeOf(message) + (_deliveries.Count * 128);

    public void Retain(RetainedMessages.Entry? replaced) => (_isRetained, _replaced) = (true, replaced);

    public void Add(Session session, KeptSession kept, Delivery delivery)
    {
        var identifier = kept.Reserve();
        if (identifier == 0)
        {
            Delivered?.Invoke(session, EnqueueResult.Dropped);
            return;
        }
        _message.Add();
        delivery = delivery with { Kept = new KeptDelivery(kept, _message, store.NextId(), identifier) };
        _deliveries.Add((session, delivery));
    }

    public override void Write(StoreFile file)
    {
        if (_isRetained)
            WriteRetained(file);
        if (_deliveries.Count > 0)
            file["INSERT INTO message(id, body, taken) VALUES(?, ?, ?)"]
                .Bind(1, _message.Id).Bind(2, MessageBody.Write(message)).Bind(3, _taken).Run();
        foreach (var (_, delivery) in _deliveries)
        {
            var kept = delivery.Kept!;
            file["INSERT INTO queue(session, seq, message, packet, flags, identifiers, released) "
                + "VALUES(?, ?, ?, ?, ?, ?, 0)"]
                .Bind(1, kept.Session.Id).Bind(2, kept.Sequence).Bind(3, _message.Id).Bind(4, kept.PacketIdentifier)
                .Bind(5, (long)delivery.QualityOfServiceLevel | (delivery.Retain ? 4L : 0))
                .Bind(6, StoreLoader.Identifiers(delivery.SubscriptionIdentifiers)).Run();
        }
        if (mark is { } came)
            file["INSERT OR IGNORE INTO received(session, packet) VALUES(?, ?)"]
                .Bind(1, came.Kept.Id).Bind(2, came.PacketIdentifier).Run();
    }

    public override void OnCommitted()
    {
        foreach (var (session, delivery) in _deliveries)
            Deliver(session, delivery);
        base.OnCommitted();
    }

    public override void OnRefused()
    {
        if (_isRetained)
            store.Broker.Retained.Revert(message, _replaced);
        mark?.Session.ForgetReceived(mark.Value.PacketIdentifier);
        foreach (var (session, delivery) in _deliveries)
        {
            delivery.Kept!.IsStored = false;
            if (DeliversUnwritten)
                Deliver(session, delivery);
            else
                delivery.Kept.Forget();
        }
        base.OnRefused();
    }

    private void Deliver(Session session, Delivery delivery)
    {
        var result = session.Enqueue(delivery);
        if (result == EnqueueResult.Dropped)
            delivery.Kept!.Forget();
        Delivered?.Invoke(session, result);
    }

    private void WriteRetained(StoreFile file)
    {
        if (message.Payload.IsEmpty)
            file["DELETE FROM retained WHERE topic = ?"].Bind(1, message.Topic).Run();
        else
            file["INSERT INTO retained(topic, body, taken) VALUES(?, ?, ?) "
                + "ON CONFLICT(topic) DO UPDATE SET body = excluded.body, taken = excluded.taken"]
                .Bind(1, message.Topic).Bind(2, MessageBody.Write(message)).Bind(3, _taken).Run();
    }
}

/// <summary>
/// For a QoS 2 message that came again while its first coming may still be on the way to the disk.
/// </summary>
internal sealed class RepeatedOp(Session session, ushort packetIdentifier) : StoreOp(mayBeRefused: true)
{
    public override void Write(StoreFile file)
    {
        // Its place in the order is all: what came first is settled by now.
    }

    public override void OnCommitted()
    {
        if (session.WasReceived(packetIdentifier))
            base.OnCommitted();
        else
            OnRefused();
    }
}
