using MQTTnet.Diagnostics.Logger;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server.Persistence;

/// <summary>What the broker keeps in its file: one call for each thing that happens to a kept session.</summary>
internal sealed class SessionStore
{
    private readonly StoreWriter _writer;
    private long _lastId;

    private SessionStore(Broker broker, StoreFile file)
    {
        Broker = broker;
        _lastId = StoreLoader.Load(this, file);
        _writer = new StoreWriter(file, (sentence, why) =>
            broker.Log(MqttNetLogLevel.Warning, sentence, why));
    }

    public Broker Broker { get; }

    /// <summary>Opens the file and gives the broker what is in it.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SessionStore Open(Broker broker, string path, long bytesMax)
    {
        try
        {
            return TryOpen(broker, path, bytesMax);
        }
        catch (StoreDamagedException damage)
        {
            broker.Clear();
            var aside = StoreFile.SetAside(path, broker.Clock.GetUtcNow());
            broker.Log(
                MqttNetLogLevel.Error,
                $"The session file '{path}' is damaged: it is now '{aside}', and the broker starts without it.",
                damage);
            return TryOpen(broker, path, bytesMax);
        }
    }

    /// <summary>Writes what is left, and closes the file.</summary>
    public void Close() => _writer.Stop();

    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Milliseconds of the wall clock: the only one that a restart leaves running.</summary>
    public long Now() => Broker.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public ValueTask RoomAsync() => _writer.RoomAsync();

    public T Add<T>(T op)
        where T : StoreOp
    {
        _writer.Add(op);
        return op;
    }

    /// <summary>Writes a new session; it may be refused.</summary>
    public StoreOp Create(Session session, MqttConnectPacket connect)
    {
        session.Kept = new KeptSession(this, NextId());
        return Add(SaveOp(session, Connected(connect), mayBeRefused: true));
    }

    /// <summary>Its client has come back.</summary>
    public StoreOp SaveConnected(Session session, MqttConnectPacket connect) =>
        Add(SaveOp(session, Connected(connect), mayBeRefused: false));

    /// <summary>Its client has gone, or its will has been sent.</summary>
    public StoreOp SaveGone(Session session)
    {
        var will = session.DelayedWill;
        return Add(SaveOp(
            session,
            (session.Disconnected?.ToUnixTimeMilliseconds(), will?.Message, 0, will?.Due.ToUnixTimeMilliseconds()),
            mayBeRefused: false));
    }

    /// <summary>The session ended: nothing of it stays.</summary>
    public StoreOp? Delete(Session session)
    {
        if (session.Kept is null)
            return null;
        session.ForgetKept();
        return session.Kept.IsStored ? Drop(session) : null;
    }

    /// <summary>The session is to end with its connection: it leaves the file now, and goes on in memory.</summary>
    public StoreOp Drop(Session session)
    {
        var kept = session.Kept!;
        kept.IsStored = false;
        return Add(new SimpleOp(file =>
        {
            file["DELETE FROM queue WHERE session = ?"].Bind(1, kept.Id).Run();
            file["DELETE FROM received WHERE session = ?"].Bind(1, kept.Id).Run();
            file["DELETE FROM subscription WHERE session = ?"].Bind(1, kept.Id).Run();
            file["DELETE FROM session WHERE id = ?"].Bind(1, kept.Id).Run();
        }));
    }

    public StoreOp Subscribe(KeptSession kept, MqttTopicFilter filter, uint identifier)
    {
        var (topic, options) = (filter.Topic, StoreLoader.Options(filter));
        return Add(new SimpleOp(
            file => file["INSERT OR REPLACE INTO subscription(session, filter, options, identifier) "
                + "VALUES(?, ?, ?, ?)"]
                .Bind(1, kept.Id).Bind(2, topic).Bind(3, options).Bind(4, identifier).Run(),
            mayBeRefused: true));
    }

    public StoreOp Unsubscribe(KeptSession kept, string filter) => Add(new SimpleOp(
        file => file["DELETE FROM subscription WHERE session = ? AND filter = ?"]
            .Bind(1, kept.Id).Bind(2, filter).Run()));

    /// <summary>PUBREL came: the identifier may stand for a new message once this is written.</summary>
    public StoreOp ForgetReceived(KeptSession kept, ushort packetIdentifier) => Add(new SimpleOp(
        file => file["DELETE FROM received WHERE session = ? AND packet = ?"]
            .Bind(1, kept.Id).Bind(2, packetIdentifier).Run()));

    public StoreOp Release(KeptDelivery delivery) => Add(new SimpleOp(
        file => file["UPDATE queue SET released = 1 WHERE session = ? AND seq = ?"]
            .Bind(1, delivery.Session.Id).Bind(2, delivery.Sequence).Run()));

    public void Remove(KeptDelivery delivery)
    {
        var isLast = delivery.Message.Remove();
        Add(new SimpleOp(file =>
        {
            file["DELETE FROM queue WHERE session = ? AND seq = ?"]
                .Bind(1, delivery.Session.Id).Bind(2, delivery.Sequence).Run();
            if (isLast)
                file["DELETE FROM message WHERE id = ?"].Bind(1, delivery.Message.Id).Run();
        }));
    }

    public StoreOp RemoveRetained(string topic) =>
        Add(new SimpleOp(file => file["DELETE FROM retained WHERE topic = ?"].Bind(1, topic).Run()));

    public StoreOp ClearRetained() => Add(new SimpleOp(file => file["DELETE FROM retained"].Run()));

    private static SessionStore TryOpen(Broker broker, string path, long bytesMax)
    {
        var file = StoreFile.Open(path, bytesMax);
        try
        {
            return new SessionStore(broker, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static (long? Gone, MqttApplicationMessage? Will, long Delay, long? Due) Connected(
        MqttConnectPacket connect) => (null, connect.Will, connect.WillDelayInterval, null);

    private static SimpleOp SaveOp(
        Session session, (long? Gone, MqttApplicationMessage? Will, long Delay, long? Due) state, bool mayBeRefused)
    {
        var (id, client, expiry) = (session.Kept!.Id, session.Id, session.ExpiryInterval);
        return new SimpleOp(
            file => file["INSERT OR REPLACE INTO session(id, client, expiry, gone, will, will_delay, will_due) "
                + "VALUES(?, ?, ?, ?, ?, ?, ?)"]
                .Bind(1, id).Bind(2, client).Bind(3, expiry).Bind(4, state.Gone)
                .Bind(5, state.Will is { } will ? MessageBody.Write(will) : default)
                .Bind(6, state.Delay).Bind(7, state.Due).Run(),
            mayBeRefused);
    }
}
