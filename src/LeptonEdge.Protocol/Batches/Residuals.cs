using System.Numerics;
using System.Runtime.InteropServices;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of small non-negative integers as bits, in blocks of 64. Each block is laid out in the way that
/// is shortest for it: all zero, mostly zero, Rice codes of its own parameter, or all of one width.</summary>
/// <remarks>Rice and Plaunt, IEEE Trans. Commun. 19 (1971). A Rice code here: the quotient in unary, a zero, the rest
/// in k bits; a quotient of 16 and more is 16 ones, the length in 6 bits and the number.</remarks>
internal static class Residuals
{
    private const int BlockLength = 64;
    private const int HeadBits = 6;
    private const int RiceMax = 56;
    private const int Sparse = 61;
    private const int Fixed = 62;
    private const int Zeros = 63;
    private const int QuotientMax = 16;
    private const int EscapeBits = QuotientMax + HeadBits;

    // A block at its longest: all escapes, 86 bits each.
    private const int BlockBytesMax = 768;

    public static void Encode(PooledBufferWriter target, ReadOnlySpan<ulong> residuals)
    {
        var carry = default(BitCarry);
        while (!residuals.IsEmpty)
        {
            var block = residuals[..Math.Min(BlockLength, residuals.Length)];
            residuals = residuals[block.Length..];
            var sink = new BitSink(target.GetSpan(BlockBytesMax), carry);
            EncodeBlock(ref sink, block);
            if (residuals.IsEmpty)
                sink.Align();
            target.Advance(sink.WrittenCount);
            carry = sink.Carry;
        }
    }

    public static void Decode(ref WireReader reader, Span<ulong> residuals, string what)
    {
        var source = new BitSource(reader.Packed);
        while (!residuals.IsEmpty)
        {
            var block = residuals[..Math.Min(BlockLength, residuals.Length)];
            residuals = residuals[block.Length..];
            if (!TryDecodeBlock(ref source, block))
                throw reader.Fault($"{what} is packed in an unknown way");
        }

        reader.TakePacked(source.Bits, what);
    }

    private static void EncodeBlock(ref BitSink sink, ReadOnlySpan<ulong> block)
    {
        Span<byte> lengths = stackalloc byte[65];
        lengths.Clear();
        foreach (var residual in block)
            lengths[64 - BitOperations.LeadingZeroCount(residual)]++;
        var ones = block.Length - lengths[0];
        if (ones == 0)
        {
            sink.Write(Zeros, HeadBits);
            return;
        }

        var longest = 64;
        while (lengths[longest] == 0)
            longest--;
        var (rice, bits) = ChooseRice(block, lengths, longest);
        if (HeadBits + HeadBits + ((long)ones * (HeadBits + longest)) < bits)
            EncodeSparse(ref sink, block, ones, longest);
        else if (HeadBits + ((long)block.Length * longest) <= bits)
            EncodeFixed(ref sink, block, longest);
        else
            EncodeRice(ref sink, block, rice);
    }

    /// <summary>The best parameter lies next to the median's length, whatever the outliers are.</summary>
    private static (int Rice, long Bits) ChooseRice(ReadOnlySpan<ulong> block, ReadOnlySpan<byte> lengths, int longest)
    {
        var median = 0;
        for (var below = (int)lengths[0]; 2 * below < block.Length; below += lengths[median])
            median++;
        var (best, bits) = (0, long.MaxValue);
        for (var rice = Math.Max(0, median - 2); rice <= Math.Min(median, RiceMax); rice++)
        {
            var cost = RiceBits(block, rice, longest);
            if (cost < bits)
                (best, bits) = (rice, cost);
        }

        return (best, bits);
    }

    private static long RiceBits(ReadOnlySpan<ulong> block, int rice, int longest)
    {
        var bits = (long)block.Length * (rice + 1);
        if (longest - rice <= 4)
        {
            var quotients = Vector<ulong>.Zero;
            var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(block);
            foreach (var vector in vectors)
                quotients += Vector.ShiftRightLogical(vector, rice);
            bits += (long)Vector.Sum(quotients);
            foreach (var residual in block[(vectors.Length * Vector<ulong>.Count)..])
                bits += (long)(residual >> rice);
            return bits;
        }

        foreach (var residual in block)
        {
            var quotient = residual >> rice;
            bits += quotient < QuotientMax
                ? (long)quotient
                : EscapeBits + 64 - BitOperations.LeadingZeroCount(residual) - rice - 1;
        }

        return bits;
    }

    private static void EncodeRice(ref BitSink sink, ReadOnlySpan<ulong> block, int rice)
    {
        sink.Write((ulong)rice, HeadBits);
        var mask = (1UL << rice) - 1;
        foreach (var residual in block)
        {
            var quotient = residual >> rice;
            if (quotient < QuotientMax)
            {
                var unary = (int)quotient + 1;
                if (rice + unary <= BitSink.BitsMax)
                {
                    sink.Write(((residual & mask) << unary) | ((1UL << (unary - 1)) - 1), unary + rice);
                }
                else
                {
                    sink.Write((1UL << (unary - 1)) - 1, unary);
                    sink.Write(residual & mask, rice);
                }
            }
            else
            {
                var length = 64 - BitOperations.LeadingZeroCount(residual);
                sink.Write(((ulong)(length - 1) << QuotientMax) | ((1UL << QuotientMax) - 1), EscapeBits);
                sink.WriteLong(residual, length);
            }
        }
    }

    private static void EncodeSparse(ref BitSink sink, ReadOnlySpan<ulong> block, int ones, int longest)
    {
        sink.Write(Sparse | ((ulong)(ones - 1) << HeadBits) | ((ulong)(longest - 1) << (2 * HeadBits)), 3 * HeadBits);
        for (var i = 0; i < block.Length; i++)
        {
            if (block[i] == 0)
                continue;
            sink.Write((ulong)i, HeadBits);
            sink.WriteLong(block[i], longest);
        }
    }

    private static void EncodeFixed(ref BitSink sink, ReadOnlySpan<ulong> block, int longest)
    {
        sink.Write(Fixed | ((ulong)(longest - 1) << HeadBits), 2 * HeadBits);
        foreach (var residual in block)
            sink.WriteLong(residual, longest);
    }

    private static bool TryDecodeBlock(ref BitSource source, Span<ulong> block)
    {
        var head = (int)source.Read(HeadBits);
        switch (head)
        {
            case <= RiceMax:
                DecodeRice(ref source, block, head);
                return true;
            case Zeros:
                block.Clear();
                return true;
            case Fixed:
                var longest = (int)source.Read(HeadBits) + 1;
                foreach (ref var residual in block)
                    residual = source.ReadLong(longest);
                return true;
            case Sparse:
                return TryDecodeSparse(ref source, block);
            default:
                return false;
        }
    }

    private static void DecodeRice(ref BitSource source, Span<ulong> block, int rice)
    {
        var mask = (1UL << rice) - 1;
        foreach (ref var residual in block)
        {
            var window = source.Peek();
            var quotient = BitOperations.TrailingZeroCount(~window);
            if (quotient >= QuotientMax)
            {
                source.Skip(QuotientMax);
                residual = source.ReadLong((int)source.Read(HeadBits) + 1);
            }
            else if (quotient + 1 + rice <= BitSink.BitsMax)
            {
                residual = ((ulong)quotient << rice) | ((window >> (quotient + 1)) & mask);
                source.Skip(quotient + 1 + rice);
            }
            else
            {
                source.Skip(quotient + 1);
                residual = ((ulong)quotient << rice) | source.Read(rice);
            }
        }
    }

    private static bool TryDecodeSparse(ref BitSource source, Span<ulong> block)
    {
        block.Clear();
        var ones = (int)source.Read(HeadBits) + 1;
        var longest = (int)source.Read(HeadBits) + 1;
        for (; ones > 0; ones--)
        {
            var index = (int)source.Read(HeadBits);
            if (index >= block.Length)
                return false;
            block[index] = source.ReadLong(longest);
        }

        return true;
    }
}
