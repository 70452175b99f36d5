using System.Collections;
using System.Collections.Concurrent;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Persistence;

namespace MQTTnet.Server.Internal;

/// <summary>A message on its way to one session.</summary>
internal readonly record struct Delivery(
    MqttApplicationMessage Message,
    MqttQualityOfServiceLevel QualityOfServiceLevel,
    bool Retain,
    List<uint>? SubscriptionIdentifiers,
    long Received)
{
    /// <summary>Its place in the session file; null: it lives in memory only.</summary>
    public KeptDelivery? Kept { get; init; }
}

/// <summary>What the session's connection has to send next: a message, or the PUBREL of one.</summary>
internal readonly record struct Outgoing(
    MqttApplicationMessage? Message, PublishHeader Header, ushort PacketIdentifier);

internal enum EnqueueResult
{
    Queued,
    QueuedOldestDropped,
    Dropped,
}

/// <summary>What the server knows of one client, connected or not: subscriptions, queue, messages in flight.</summary>
internal sealed class Session(string id, MqttServerOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Queue<Delivery> _pending = new();
    private readonly Dictionary<ushort, InFlight> _inFlight = [];
    private readonly Queue<ushort> _resend = new();
    private readonly HashSet<ushort> _received = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _pendingBytes;
    private long _order;
    private ushort _lastIdentifier;
    private int _window;
    private int _outstanding;
    private bool _isDeleted;
    private ServerConnection? _connection;

    private sealed class InFlight(Delivery delivery, long order)
    {
        public Delivery Delivery { get; } = delivery;

        public long Order { get; } = order;

        /// <summary>PUBREC has come; only the PUBREL is repeated from here on.</summary>
        public bool IsReleased { get; set; }

        /// <summary>Counts against the client's receive maximum in the present connection.</summary>
        public bool IsOutstanding { get; set; }
    }

    public string Id => id;

    /// <summary>The session's place in the session file; null: it lives in memory only.</summary>
    public KeptSession? Kept { get; set; }

    // A handful of items, and seldom two writers: the defaults would cost each session a kilobyte.
    public IDictionary Items { get; } = new ConcurrentDictionary<object, object>(concurrencyLevel: 1, capacity: 3);

    public Dictionary<string, Subscription> Subscriptions { get; } = [];

    public DateTimeOffset Created { get; } = clock.GetUtcNow();

    public DateTimeOffset? Disconnected { get; private set; }

    /// <summary>Seconds that the session outlives its connection; uint.MaxValue is for ever.</summary>
    public uint ExpiryInterval { get; set; }

    /// <summary>The will that waits for its delay, and when it is due.</summary>
    public (MqttApplicationMessage Message, DateTimeOffset Due)? DelayedWill { get; set; }

    /// <summary>The connection that has the session, until all that follows from its end is done.</summary>
    public ServerConnection? Owner { get; private set; }

    public bool IsConnected => Volatile.Read(ref _connection) is not null;

    public ServerConnection? Connection => Volatile.Read(ref _connection);

    public int PendingCount
    {
        get
        {
            lock (_gate)
                return _pending.Count + _inFlight.Count;
        }
    }

    /// <summary>A kept session's messages have their identifiers while they wait, and there are 65,535.</summary>
    private int PendingMax => Kept is null
        ? options.MaxPendingMessagesPerClient
        : Math.Min(options.MaxPendingMessagesPerClient, ServerLimits.KeptPendingMax);

    public bool IsExpired(DateTimeOffset now) =>
        !IsConnected && Disconnected is { } since && ExpiryInterval != uint.MaxValue
        && now - since >= TimeSpan.FromSeconds(ExpiryInterval);

    /// <summary>A connection takes the session up: what was in flight is sent again first, in its old order.</summary>
    public void Attach(ServerConnection connection, int window)
    {
        lock (_gate)
        {
            _window = Math.Min(window, ServerLimits.InFlightMax);
            _outstanding = 0;
            _resend.Clear();
            foreach (var (packetId, flight) in _inFlight.OrderBy(f => f.Value.Order))
            {
                flight.IsOutstanding = false;
                _resend.Enqueue(packetId);
            }
            Disconnected = null;
            DelayedWill = null;
            Owner = connection;
            Volatile.Write(ref _connection, connection);
            Wake();
        }
    }

    public void Detach()
    {
        lock (_gate)
        {
            Volatile.Write(ref _connection, null);
            Disconnected = clock.GetUtcNow();
        }
    }

    public void Disown() => Owner = null;

    public Task WaitAsync(CancellationToken cancellation) => _wake.WaitAsync(cancellation);

    public EnqueueResult Enqueue(Delivery delivery)
    {
        lock (_gate)
        {
            if (_isDeleted
                || (_connection is null && delivery.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce))
                return EnqueueResult.Dropped;
            var result = EnqueueResult.Queued;
            while (_pending.Count > 0 && (_pending.Count >= PendingMax
                || _pendingBytes + delivery.Message.Payload.Length > ServerLimits.PendingBytesMax))
            {
                if (options.PendingMessagesOverflowStrategy == MqttPendingMessagesOverflowStrategy.DropNewMessage)
                    return EnqueueResult.Dropped;
                var oldest = _pending.Dequeue();
                _pendingBytes -= oldest.Message.Payload.Length;
                oldest.Kept?.Forget();
                result = EnqueueResult.QueuedOldestDropped;
            }
            _pending.Enqueue(delivery);
            _pendingBytes += delivery.Message.Payload.Length;
            Wake();
            return result;
        }
    }

    /// <summary>
    /// Takes what may be sent now; false while the queue is empty or the client's receive maximum is reached.
    /// </summary>
    public bool TryNext(MqttProtocolVersion version, uint packetBytesMax, out Outgoing next)
    {
        next = default;
        lock (_gate)
        {
            while (_resend.Count > 0)
            {
                if (!_inFlight.TryGetValue(_resend.Peek(), out var flight))
                {
                    _resend.Dequeue();
                    continue;
                }
                if (!flight.IsReleased && _outstanding >= _window)
                    return false;
                next = Again(_resend.Dequeue(), flight);
                return true;
            }
            while (_pending.TryPeek(out var delivery))
            {
                var needsAck = delivery.QualityOfServiceLevel > 0;
                if (needsAck && (_outstanding >= _window || _inFlight.Count >= ServerLimits.InFlightMax))
                    return false;
                _pending.Dequeue();
                _pendingBytes -= delivery.Message.Payload.Length;
                if (Header(delivery, ushort.MaxValue, delivery.Kept is { MaybeSent: true }) is not { } header
                    || PublishEncoder.SizeOf(delivery.Message, header, version) > packetBytesMax)
                {
                    delivery.Kept?.Forget(freesIdentifier: !delivery.Kept.MaybeSent);
                    continue;
                }
                if (needsAck)
                    header = header with { PacketIdentifier = Begin(delivery) };
                next = new Outgoing(delivery.Message, header, 0);
                return true;
            }
            return false;
        }
    }

    /// <summary>PUBACK, PUBCOMP or a refusing PUBREC: the message is the client's, or nobody's.</summary>
    /// <returns>False when the identifier is unknown.</returns>
    public bool Complete(ushort packetId)
    {
        lock (_gate)
        {
            if (!_inFlight.Remove(packetId, out var flight))
                return false;
            if (flight.IsOutstanding)
                _outstanding--;
            flight.Delivery.Kept?.Forget();
            if (_pending.Count > 0 || _resend.Count > 0)
                Wake();
            return true;
        }
    }

    /// <summary>PUBREC.</summary>
    /// <param name="kept">What PUBREL has to wait for; null: nothing.</param>
    /// <returns>False when the identifier is unknown.</returns>
    public bool Release(ushort packetId, out StoreOp? kept)
    {
        lock (_gate)
        {
            kept = null;
            if (!_inFlight.TryGetValue(packetId, out var flight))
                return false;
            flight.IsReleased = true;
            kept = flight.Delivery.Kept?.Release();
            return true;
        }
    }

    /// <summary>Takes up a delivery that was there before the restart.</summary>
    public void Restore(Delivery delivery, bool isReleased)
    {
        lock (_gate)
        {
            if (isReleased)
            {
                _inFlight.Add(
                    delivery.Kept!.PacketIdentifier, new InFlight(delivery, _order++) { IsReleased = true });
                return;
            }
            _pending.Enqueue(delivery);
            _pendingBytes += delivery.Message.Payload.Length;
        }
    }

    /// <summary>Takes the session up as it was before the restart.</summary>
    public void Restore(DateTimeOffset disconnected) => Disconnected = disconnected;

    /// <summary>The session ends: none of its messages stays in the file, and none comes to it.</summary>
    public void ForgetKept()
    {
        lock (_gate)
        {
            _isDeleted = true;
            foreach (var delivery in _pending)
                delivery.Kept?.Forget();
            foreach (var flight in _inFlight.Values)
                flight.Delivery.Kept?.Forget();
        }
    }

    /// <summary>
    /// True when this QoS 2 identifier was received and not yet released: the message is a repetition.
    /// </summary>
    public bool WasReceived(ushort packetId)
    {
        lock (_gate)
            return _received.Contains(packetId);
    }

    /// <summary>False when the client has more unreleased messages than it was granted.</summary>
    public bool TryMarkReceived(ushort packetId)
    {
        lock (_gate)
            return _received.Count < ServerLimits.ReceiveMaximum && _received.Add(packetId);
    }

    public bool ForgetReceived(ushort packetId)
    {
        lock (_gate)
            return _received.Remove(packetId);
    }

    private Outgoing Again(ushort packetId, InFlight flight)
    {
        if (flight.IsReleased)
            return new Outgoing(null, default, packetId);
        flight.IsOutstanding = true;
        _outstanding++;
        // Expired or not, it was sent before: the client may hold it, so its exchange is carried to the end.
        var header = Header(flight.Delivery, packetId, dup: true)
            ?? Header(flight.Delivery with { Received = clock.GetTimestamp() }, packetId, dup: true)!.Value;
        return new Outgoing(flight.Delivery.Message, header, 0);
    }

    private ushort Begin(Delivery delivery)
    {
        var identifier = delivery.Kept?.PacketIdentifier ?? NextIdentifier();
        _inFlight.Add(identifier, new InFlight(delivery, _order++) { IsOutstanding = true });
        _outstanding++;
        return identifier;
    }

    private ushort NextIdentifier()
    {
        do
        {
            _lastIdentifier = _lastIdentifier == ushort.MaxValue ? (ushort)1 : (ushort)(_lastIdentifier + 1);
        }
        while (_inFlight.ContainsKey(_lastIdentifier) || Kept?.IsReserved(_lastIdentifier) == true);
        return _lastIdentifier;
    }

    /// <summary>Null when the message has expired.</summary>
    private PublishHeader? Header(Delivery delivery, ushort packetId, bool dup)
    {
        var expiry = delivery.Message.MessageExpiryInterval;
        if (expiry > 0)
        {
            var waited = clock.GetElapsedTime(delivery.Received).TotalSeconds;
            if (waited >= expiry)
                return null;
            expiry -= (uint)waited;
        }
        return new PublishHeader(
            packetId, delivery.QualityOfServiceLevel, dup, delivery.Retain, expiry, delivery.SubscriptionIdentifiers);
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }
}
