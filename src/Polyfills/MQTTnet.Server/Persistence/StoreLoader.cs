using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server.Persistence;

/// <summary>From the file's rows to the broker's sessions and retained messages, when the server starts.</summary>
internal static class StoreLoader
{
    /// <returns>The highest number in use.</returns>
    /// <exception cref="StoreDamagedException">A row cannot be what was written.</exception>
    public static long Load(SessionStore store, StoreFile file)
    {
        try
        {
            // What a crash left of a message whose deliveries are gone.
            file["DELETE FROM message WHERE id NOT IN (SELECT message FROM queue)"].Run();
            var sessions = Sessions(store, file);
            Subscriptions(store.Broker, file, sessions);
            Received(file, sessions);
            Queues(store, file, sessions);
            Retained(store, file);
            return Highest(file);
        }
        catch (SqliteException exception) when (StoreFile.IsDamage(exception))
        {
            throw new StoreDamagedException(exception.Message, exception);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"The session file cannot be read: {exception.Message}", exception);
        }
    }

    public static long Options(MqttTopicFilter filter) => (long)filter.QualityOfServiceLevel
        | (filter.NoLocal ? 4L : 0) | (filter.RetainAsPublished ? 8L : 0) | ((long)filter.RetainHandling << 4);

    public static ReadOnlySpan<byte> Identifiers(List<uint>? identifiers)
    {
        if (identifiers is null)
            return default;
        var bytes = new byte[identifiers.Count * 4];
        for (var i = 0; i < identifiers.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), identifiers[i]);
        return bytes;
    }

    private static List<uint>? Identifiers(byte[] bytes)
    {
        if (bytes.Length == 0)
            return null;
        var identifiers = new List<uint>(bytes.Length / 4);
        for (var at = 0; at + 4 <= bytes.Length; at += 4)
            identifiers.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)));
        return identifiers;
    }

    private static Dictionary<long, Session> Sessions(SessionStore store, StoreFile file)
    {
        var found = new Dictionary<long, Session>();
        var rows = file["SELECT id, client, expiry, gone, will, will_delay, will_due FROM session"];
        while (rows.Step())
        {
            var session = store.Broker.Create(rows.Text(1))
                ?? throw new StoreDamagedException($"More than {ServerLimits.SessionsMax} sessions are kept.");
            session.ExpiryInterval = (uint)rows.Int64(2);
            session.Kept = new KeptSession(store, rows.Int64(0));
            // Who was connected when the process ended is gone since now.
            session.Restore(DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64OrNull(3) ?? store.Now()));
            if (!rows.IsNull(4))
            {
                var delay = Math.Min(rows.Int64(5), session.ExpiryInterval) * 1000;
                session.DelayedWill = (
                    MessageBody.Read(rows.Blob(4)),
                    DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64OrNull(6) ?? store.Now() + delay));
            }
            found.Add(rows.Int64(0), session);
        }
        rows.Reset();
        return found;
    }

    private static void Subscriptions(Broker broker, StoreFile file, Dictionary<long, Session> sessions)
    {
        var rows = file["SELECT session, filter, options, identifier FROM subscription"];
        while (rows.Step())
        {
            var options = rows.Int64(2);
            var filter = new MqttTopicFilter
            {
                Topic = rows.Text(1),
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)(options & 3),
                NoLocal = (options & 4) != 0,
                RetainAsPublished = (options & 8) != 0,
                RetainHandling = (MqttRetainHandling)((options >> 4) & 3),
            };
            if (!TopicNames.IsValidFilter(filter.Topic))
                throw new StoreDamagedException("A kept topic filter is not valid.");
            broker.Subscribe(Of(sessions, rows), filter, (uint)rows.Int64(3));
        }
        rows.Reset();
    }

    private static void Received(StoreFile file, Dictionary<long, Session> sessions)
    {
        var rows = file["SELECT session, packet FROM received"];
        while (rows.Step())
            Of(sessions, rows).TryMarkReceived((ushort)rows.Int64(1));
        rows.Reset();
    }

    private static void Queues(SessionStore store, StoreFile file, Dictionary<long, Session> sessions)
    {
        var messages = new Dictionary<long, (KeptMessage Kept, MqttApplicationMessage Message, long Received)>();
        var rows = file["SELECT session, seq, message, packet, flags, identifiers, released, body, taken "
            + "FROM queue JOIN message ON message.id = queue.message ORDER BY session, seq"];
        while (rows.Step())
        {
            var session = Of(sessions, rows);
            if (!messages.TryGetValue(rows.Int64(2), out var kept))
            {
                var received = Received(store, rows.Int64(8));
                kept = (new KeptMessage(rows.Int64(2)), MessageBody.Read(rows.Blob(7)), received);
                messages.Add(rows.Int64(2), kept);
            }
            kept.Kept.Add();
            var identifier = (ushort)rows.Int64(3);
            session.Kept!.Restore(identifier);
            var flags = rows.Int64(4);
            var delivery = new Delivery(
                kept.Message, (MqttQualityOfServiceLevel)(flags & 3), (flags & 4) != 0, Identifiers(rows.Blob(5)),
                kept.Received)
            {
                Kept = new KeptDelivery(session.Kept, kept.Kept, rows.Int64(1), identifier) { MaybeSent = true },
            };
            session.Restore(delivery, isReleased: rows.Int64(6) != 0);
        }
        rows.Reset();
    }

    private static void Retained(SessionStore store, StoreFile file)
    {
        var rows = file["SELECT body, taken FROM retained"];
        while (rows.Step())
            store.Broker.Retained.Restore(MessageBody.Read(rows.Blob(0)), Received(store, rows.Int64(1)));
        rows.Reset();
    }

    private static long Highest(StoreFile file)
    {
        var row = file["SELECT max(coalesce((SELECT max(id) FROM session), 0), "
            + "coalesce((SELECT max(id) FROM message), 0), coalesce((SELECT max(seq) FROM queue), 0))"];
        var highest = row.Step() ? row.Int64(0) : 0;
        row.Reset();
        return highest;
    }

    /// <summary>When a message came, on the clock that waiting is measured with.</summary>
    private static long Received(SessionStore store, long taken)
    {
        var clock = store.Broker.Clock;
        var waited = Math.Max(0, store.Now() - taken) / 1000.0;
        return clock.GetTimestamp() - (long)(waited * clock.TimestampFrequency);
    }

    private static Session Of(Dictionary<long, Session> sessions, StoreStatement rows) =>
        sessions.TryGetValue(rows.Int64(0), out var session)
            ? session : throw new StoreDamagedException("A row belongs to a session that is not there.");
}
