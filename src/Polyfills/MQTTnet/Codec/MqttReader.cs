using System.Buffers;
using System.Text;
using System.Text.Unicode;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>
/// Reads the protocol's data types from the body of one packet; what is missing or ill-formed throws.
/// </summary>
internal ref struct MqttReader(ReadOnlySequence<byte> body)
{
    private SequenceReader<byte> _reader = new(body);

    public readonly long Remaining => _reader.Remaining;

    public readonly bool IsAtEnd => _reader.End;

    public byte Byte() => _reader.TryRead(out var value) ? value : throw Malformed("The packet ends too early.");

    public ushort UInt16() => _reader.TryReadBigEndian(out short value)
        ? (ushort)value
        : throw Malformed("The packet ends too early.");

    public uint UInt32() => _reader.TryReadBigEndian(out int value)
        ? (uint)value
        : throw Malformed("The packet ends too early.");

    public uint VariableInteger()
    {
        var value = 0u;
        for (var shift = 0; shift < 28; shift += 7)
        {
            var part = Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part >= 0x80)
                continue;
            return part > 0 || shift == 0
                ? value : throw Malformed("A variable byte integer has more bytes than it needs.");
        }
        throw Malformed("A variable byte integer is longer than four bytes.");
    }

    public ushort PacketIdentifier()
    {
        var id = UInt16();
        return id != 0 ? id : throw new MqttProtocolViolationException("The packet identifier is 0.");
    }

    public byte[] Binary()
    {
        var part = Slice(UInt16());
        return part.ToArray();
    }

    public string Text() => Text(Slice(UInt16()));

    public static string Text(ReadOnlySequence<byte> part)
    {
        if (part.IsSingleSegment)
            return Text(part.FirstSpan);
        var length = (int)part.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        part.CopyTo(rented);
        try
        {
            return Text(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public ReadOnlySequence<byte> Rest() => Slice(_reader.Remaining);

    public ReadOnlySequence<byte> Slice(long length)
    {
        if (length > _reader.Remaining)
            throw Malformed("A length reaches past the packet's end.");
        var part = _reader.UnreadSequence.Slice(0, length);
        _reader.Advance(length);
        return part;
    }

    /// <summary>Reads a property block; null when it is empty.</summary>
    public MqttProperties? Properties(ulong allowed, bool repeatsSubscriptionIdentifier = false)
    {
        var length = VariableInteger();
        if (length == 0)
            return null;
        var reader = new MqttReader(Slice(length));
        var properties = new MqttProperties();
        var seen = 0UL;
        while (!reader.IsAtEnd)
        {
            var id = (MqttPropertyId)reader.VariableInteger();
            var kind = MqttProperties.KindOf(id);
            var bit = 1UL << (int)id;
            if ((allowed & bit) == 0)
                throw new MqttProtocolViolationException($"Property {id} does not belong in this packet.");
            var repeats = id == MqttPropertyId.UserProperty
                || (id == MqttPropertyId.SubscriptionIdentifier && repeatsSubscriptionIdentifier);
            if ((seen & bit) != 0 && !repeats)
                throw new MqttProtocolViolationException($"Property {id} is there twice.");
            seen |= bit;
            if (properties.Count == MqttProperties.CountMax)
                throw new MqttProtocolViolationException(
                    MqttDisconnectReasonCode.QuotaExceeded, $"More than {MqttProperties.CountMax} properties.");
            reader.Property(properties, id, kind);
        }
        return properties;
    }

    private void Property(MqttProperties into, MqttPropertyId id, MqttPropertyKind kind)
    {
        switch (kind)
        {
            case MqttPropertyKind.Text: into.Add(id, Text()); return;
            case MqttPropertyKind.Binary: into.Add(id, Binary()); return;
            case MqttPropertyKind.Pair: into.Add(id, new MqttUserProperty(Text(), Text())); return;
        }
        var number = kind switch
        {
            MqttPropertyKind.Byte => Byte(),
            MqttPropertyKind.TwoBytes => UInt16(),
            MqttPropertyKind.FourBytes => UInt32(),
            _ => VariableInteger(),
        };
        var isWrong = id switch
        {
            MqttPropertyId.ReceiveMaximum or MqttPropertyId.MaximumPacketSize or MqttPropertyId.SubscriptionIdentifier
                => number == 0,
            _ => kind == MqttPropertyKind.Byte && number > 1,
        };
        if (isWrong)
            throw new MqttProtocolViolationException($"Property {id} has the forbidden value {number}.");
        if (id == MqttPropertyId.TopicAlias && number == 0)
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.TopicAliasInvalid, "The topic alias is 0.");
        into.Add(id, number);
    }

    public static MqttProtocolViolationException Malformed(string message) =>
        new(MqttDisconnectReasonCode.MalformedPacket, message);

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes) || bytes.Contains((byte)0))
            throw Malformed("A string is not valid UTF-8, or contains the null character.");
        return Encoding.UTF8.GetString(bytes);
    }
}
