using System.Buffers.Binary;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Bits that did not fill a byte yet.</summary>
internal readonly record struct BitCarry(ulong Bits, int Count);

/// <summary>Writes bits, lowest first, into a span that the caller made long enough, with 8 bytes to spare.</summary>
internal ref struct BitSink(Span<byte> target, BitCarry carry)
{
    /// <summary>Most bits of one write: with up to 7 in the carry they must fit 64.</summary>
    public const int BitsMax = 57;

    private readonly Span<byte> _target = target;
    private ulong _bits = carry.Bits;
    private int _count = carry.Count;

    public int WrittenCount { get; private set; }

    public readonly BitCarry Carry => new(_bits, _count);

    /// <param name="bits">No bit above <paramref name="count"/> set.</param>
    public void Write(ulong bits, int count)
    {
        _bits |= bits << _count;
        _count += count;
        BinaryPrimitives.WriteUInt64LittleEndian(_target[WrittenCount..], _bits);
        var whole = _count >> 3;
        WrittenCount += whole;
        // All 64 bits may have been whole bytes; a shift by 64 would keep them.
        _bits = whole == 8 ? 0 : _bits >> (whole << 3);
        _count &= 7;
    }

    /// <summary>Up to 64 bits.</summary>
    public void WriteLong(ulong bits, int count)
    {
        if (count > 32)
        {
            Write((uint)bits, 32);
            (bits, count) = (bits >> 32, count - 32);
        }

        Write(bits, count);
    }

    public void Align()
    {
        if (_count > 0)
            Write(0, 8 - _count);
    }
}

/// <summary>Reads what <see cref="BitSink"/> wrote; zeros beyond the end, where <see cref="Bits"/> tells.</summary>
internal ref struct BitSource(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bits read so far.</summary>
    public long Bits { get; private set; }

    /// <summary>At least the next 57 bits.</summary>
    public readonly ulong Peek()
    {
        var at = (int)(Bits >> 3);
        var shift = (int)Bits & 7;
        return at <= _bytes.Length - 8
            ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes[at..]) >> shift
            : PeekAtEnd(at) >> shift;
    }

    public void Skip(int count) => Bits += count;

    /// <summary>Up to 57 bits.</summary>
    public ulong Read(int count)
    {
        var bits = Peek() & ((1UL << count) - 1);
        Bits += count;
        return bits;
    }

    /// <summary>Up to 64 bits.</summary>
    public ulong ReadLong(int count)
    {
        if (count <= 32)
            return Read(count);
        var low = Read(32);
        return low | (Read(count - 32) << 32);
    }

    private readonly ulong PeekAtEnd(int at)
    {
        ulong window = 0;
        for (var i = _bytes.Length - 1; i >= at; i--)
            window = (window << 8) | _bytes[i];
        return window;
    }
}
