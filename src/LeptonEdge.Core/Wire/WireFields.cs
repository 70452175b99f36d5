using System.Buffers.Binary;

namespace LeptonEdge.Core.Wire;

/// <summary>Reads the fields of one protocol buffer message in place, and throws nothing: what a broken one means is for
/// its reader to say.</summary>
/// <param name="at">Where the first field begins.</param>
public ref struct WireFields(ReadOnlySpan<byte> message, int at = 0)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at = at;

    /// <summary>Where the next field begins: behind the content of this one.</summary>
    public readonly int At => _at;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>How the field is written: one of the constants above.</summary>
    public int Wire { get; private set; }

    /// <summary>Value of a varint or of a fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a field that has a length; else empty.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The message is cut short or is no message.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end of the message, and where it is broken.</returns>
    public bool Next()
    {
        if (_at == _message.Length || IsBroken)
            return false;
        IsBroken = !Read();
        return !IsBroken;
    }

    /// <summary>Takes one varint off a span.</summary>
    /// <returns>False when there is none, or not all of one.</returns>
    public static bool TryReadVarint(ReadOnlySpan<byte> span, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && at < span.Length; shift += 7)
        {
            var part = span[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return true;
        }

        return false;
    }

    private bool Read()
    {
        if (!TryReadVarint(_message, ref _at, out var tag) || tag >> 3 is 0 or > 0x1fffffff)
            return false;
        (Field, Wire) = ((int)(tag >> 3), (int)(tag & 7));
        Content = default;
        ReadOnlySpan<byte> taken;
        switch (Wire)
        {
            case Varint:
                if (!TryReadVarint(_message, ref _at, out var number))
                    return false;
                Number = number;
                return true;
            case Fixed64:
                if (!TryTake(sizeof(ulong), out taken))
                    return false;
                Number = BinaryPrimitives.ReadUInt64LittleEndian(taken);
                return true;
            case Bytes:
                if (!TryReadVarint(_message, ref _at, out var length) || !TryTake(length, out taken))
                    return false;
                Content = taken;
                return true;
            case Fixed32:
                if (!TryTake(sizeof(uint), out taken))
                    return false;
                Number = BinaryPrimitives.ReadUInt32LittleEndian(taken);
                return true;
            default:
                return false;
        }
    }

    private bool TryTake(ulong length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length > (ulong)(_message.Length - _at))
            return false;
        taken = _message.Slice(_at, (int)length);
        _at += (int)length;
        return true;
    }
}
