using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>
/// What outlives one connection of a client: packet identifiers in use, and QoS 2 exchanges half done.
/// </summary>
/// <remarks>
/// A message whose connection broke is the caller's again (its publish threw): it is not sent a second time from here.
/// But its identifier stays out of use while the server may still know it: a server that holds an old QoS 2 identifier
/// would take a new message under it for a repetition, and drop it.
/// </remarks>
internal sealed class ClientSession
{
    private readonly Dictionary<ushort, Exchange> _exchanges = [];
    private readonly HashSet<ushort> _received = [];
    private ushort _last;

    internal sealed class Exchange(MqttPacketType awaits)
    {
        /// <summary>Who published, until the connection ends.</summary>
        public TaskCompletionSource<MqttClientPublishResult>? Published { get; set; } =
            IsOfPublish(awaits) ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

        /// <summary>Who subscribed or unsubscribed, until the connection ends.</summary>
        public TaskCompletionSource<MqttPacket>? Granted { get; set; } =
            IsOfPublish(awaits) ? null : new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>When, by the clock's time stamps, the wait began that the options limit; 0: another limits it.
        /// </summary>
        public long Began { get; set; }

        /// <summary>The packet that ends the exchange.</summary>
        public MqttPacketType Awaits { get; } = awaits;

        /// <summary>PUBREC has come: the server owns the message.</summary>
        public MqttAckPacket? Received { get; set; }

        private static bool IsOfPublish(MqttPacketType awaits) =>
            awaits is MqttPacketType.PubAck or MqttPacketType.PubComp;
    }

    /// <summary>Draws a free packet identifier.</summary>
    /// <exception cref="InvalidOperationException">All 65,535 are in use.</exception>
    public (ushort Id, Exchange Exchange) Begin(MqttPacketType awaits)
    {
        lock (_exchanges)
        {
            for (var tries = 0; tries < ushort.MaxValue; tries++)
            {
                _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
                if (_exchanges.ContainsKey(_last))
                    continue;
                var exchange = new Exchange(awaits);
                _exchanges.Add(_last, exchange);
                return (_last, exchange);
            }
        }
        throw new InvalidOperationException("All 65,535 packet identifiers are in use.");
    }

    /// <summary>Ends an exchange that was never sent, or that its answer ended.</summary>
    /// <returns>False when there is no such exchange.</returns>
    public bool TryEnd(ushort id, MqttPacketType by, out Exchange exchange)
    {
        lock (_exchanges)
        {
            return _exchanges.TryGetValue(id, out exchange!) && exchange.Awaits == by && _exchanges.Remove(id);
        }
    }

    /// <summary>Notes a PUBREC.</summary>
    /// <returns>The exchange, or null if the identifier is unknown.</returns>
    public Exchange? Released(MqttAckPacket pubRec)
    {
        lock (_exchanges)
        {
            if (!_exchanges.TryGetValue(pubRec.PacketIdentifier, out var exchange)
                || exchange.Awaits != MqttPacketType.PubComp)
                return null;
            exchange.Received = pubRec;
            return exchange;
        }
    }

    /// <summary>A QoS 2 message was handed over and PUBREC sent: a repetition of it is not delivered again.</summary>
    public void MarkReceived(ushort id)
    {
        lock (_received)
            _received.Add(id);
    }

    public bool WasReceived(ushort id)
    {
        lock (_received)
            return _received.Contains(id);
    }

    public void ForgetReceived(ushort id)
    {
        lock (_received)
            _received.Remove(id);
    }

    /// <summary>The connection ended: everyone who waits learns why.</summary>
    public void FailAll(Exception why)
    {
        lock (_exchanges)
        {
            foreach (var (id, exchange) in _exchanges.ToArray())
            {
                exchange.Published?.TrySetException(why);
                exchange.Granted?.TrySetException(why);
                (exchange.Published, exchange.Granted) = (null, null);
                if (exchange.Awaits != MqttPacketType.PubComp)
                    _exchanges.Remove(id);
            }
        }
    }

    /// <summary>
    /// Ends the wait of who published that long ago; the exchange stays, for its answer may still come.
    /// </summary>
    public void CancelOlderThan(TimeSpan patience, TimeProvider clock)
    {
        lock (_exchanges)
        {
            foreach (var exchange in _exchanges.Values)
            {
                if (exchange.Began != 0 && clock.GetElapsedTime(exchange.Began) > patience)
                    exchange.Published?.TrySetCanceled();
            }
        }
    }

    /// <summary>The server answered CONNECT.</summary>
    /// <returns>The identifiers whose PUBREL has to be sent again.</returns>
    public ushort[] Resume(bool isSessionPresent)
    {
        lock (_received)
        {
            if (!isSessionPresent)
                _received.Clear();
        }
        lock (_exchanges)
        {
            if (!isSessionPresent)
                _exchanges.Clear();
            return [.. _exchanges.Where(e => e.Value.Received is not null).Select(e => e.Key)];
        }
    }

    public static bool IsRefusal(int reasonCode) => reasonCode >= (int)MqttPubAckReasonCode.UnspecifiedError;
}
