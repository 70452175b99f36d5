using MQTTnet.Server.Internal;

namespace MQTTnet.Server.Persistence;

/// <summary>
/// A session's place in the file. Its packet identifiers are given when a message is stored, not when it is sent, so
/// that one write says under which identifier the client may already know the message.
/// </summary>
internal sealed class KeptSession(SessionStore store, long id)
{
    private readonly HashSet<ushort> _identifiers = [];
    private ushort _last;

    public SessionStore Store => store;

    public long Id => id;

    /// <summary>False once the session is deleted from the file: what it gets from then on lives in memory.</summary>
    public bool IsStored { get; set; } = true;

    /// <returns>A free packet identifier; 0 when all are in use.</returns>
    public ushort Reserve()
    {
        lock (_identifiers)
        {
            if (_identifiers.Count == ushort.MaxValue)
                return 0;
            do
            {
                _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
            }
            while (!_identifiers.Add(_last));
            return _last;
        }
    }

    /// <summary>Takes up an identifier that was given before the restart.</summary>
    public void Restore(ushort identifier)
    {
        lock (_identifiers)
        {
            if (identifier == 0 || !_identifiers.Add(identifier))
                throw new StoreDamagedException($"Packet identifier {identifier} is kept twice.");
            _last = identifier;
        }
    }

    public bool IsReserved(ushort identifier)
    {
        lock (_identifiers)
            return _identifiers.Contains(identifier);
    }

    public void Free(ushort identifier)
    {
        lock (_identifiers)
            _identifiers.Remove(identifier);
    }
}

/// <summary>A stored message; it leaves the file with the last delivery of it.</summary>
internal sealed class KeptMessage(long id)
{
    private int _deliveries;

    public long Id => id;

    public void Add() => Interlocked.Increment(ref _deliveries);

    /// <returns>True when that was the last.</returns>
    public bool Remove() => Interlocked.Decrement(ref _deliveries) == 0;
}

/// <summary>One message for one session, as the file has it.</summary>
internal sealed class KeptDelivery(KeptSession session, KeptMessage message, long sequence, ushort packetIdentifier)
{
    private int _isForgotten;

    public KeptSession Session => session;

    public KeptMessage Message => message;

    /// <summary>The deliveries' order.</summary>
    public long Sequence => sequence;

    public ushort PacketIdentifier => packetIdentifier;

    /// <summary>It was there before the restart: the client may have it, so it goes out as a repetition.</summary>
    public bool MaybeSent { get; init; }

    /// <summary>False when it could not be written and is delivered all the same.</summary>
    public bool IsStored { get; set; } = true;

    /// <summary>The client has it, or it was shed: it leaves the file.</summary>
    /// <param name="freesIdentifier">
    /// False when the client may hold the identifier: a new QoS 2 message under it would be taken for a repetition.
    /// </param>
    public void Forget(bool freesIdentifier = true)
    {
        if (Interlocked.Exchange(ref _isForgotten, 1) != 0)
            return;
        if (IsStored)
            session.Store.Remove(this);
        if (freesIdentifier)
            session.Free(packetIdentifier);
    }

    /// <summary>PUBREC came.</summary>
    /// <returns>What PUBREL has to wait for; null: nothing.</returns>
    public StoreOp? Release() => IsStored ? session.Store.Release(this) : null;
}

/// <summary>Under which identifier a kept session's QoS 2 message came.</summary>
internal readonly record struct ReceivedMark(Session Session, KeptSession Kept, ushort PacketIdentifier);
