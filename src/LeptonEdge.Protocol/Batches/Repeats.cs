using System.Buffers;
using System.IO.Compression;
using System.Numerics;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of residuals that come again: a machine's cycle, a handful of states. Packed bits cannot say so; a
/// general compressor over the column, byte plane by byte plane, can. It is tried only where a look at the column
/// promises a gain, and kept only where it gives one.</summary>
internal static class Repeats
{
    private const int Quality = 1;
    private const int WindowBits = 18;
    private const int CountLeast = 256;
    private const int PackedBytesLeast = 64;

    // What the look costs is bounded: no more than so many residuals, tables of so many entries.
    private const int LookMost = 2048;
    private const int RunBits = 10;
    private const int StateBits = 6;
    private const int RunLength = 8;

    // States are worth the compressor when each takes so many packed bits.
    private const int StatePackedBits = 4;
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Writes the residuals in place of their packed bits, if that is shorter by an eighth.</summary>
    /// <param name="packedAt">Where the packed bits of this column begin.</param>
    /// <param name="width">Bytes of the widest residual.</param>
    /// <param name="length">Bytes written.</param>
    public static bool TryReplace(
        ColumnWriter writer, ReadOnlySpan<ulong> residuals, int packedAt, out int width, out int length)
    {
        (width, length) = (0, 0);
        var packedBytes = writer.Packed.WrittenCount - packedAt;
        if (residuals.Length < CountLeast || packedBytes < PackedBytesLeast || !Promises(residuals, packedBytes))
            return false;
        width = Width(residuals);
        var bytes = width * residuals.Length;
        var planes = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            for (var plane = 0; plane < width; plane++)
            {
                var span = planes.AsSpan(plane * residuals.Length, residuals.Length);
                for (var i = 0; i < span.Length; i++)
                    span[i] = (byte)(residuals[i] >> (8 * plane));
            }

            var most = packedBytes - (packedBytes / 8);
            var target = writer.Packed.GetSpan(most)[..most];
            if (!BrotliEncoder.TryCompress(planes.AsSpan(0, bytes), target, out length, Quality, WindowBits))
                return false;
            target[..length].CopyTo(writer.Packed.Rewind(packedAt, length));
            writer.Asked += bytes;
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    public static void Decode(ref WireReader reader, Span<ulong> residuals, string what)
    {
        var width = reader.ReadByte(what);
        var length = reader.ReadCount(reader.Packed.Length, what);
        if (width > sizeof(ulong))
            throw reader.Fault($"{what} has residuals of {width} bytes");
        reader.Ask(residuals.Length, width, what);
        var bytes = width * residuals.Length;
        var planes = ArrayPool<byte>.Shared.Rent(bytes + 1);
        try
        {
            // One byte of spare room tells a stream that is too long from one that fits.
            if (!BrotliDecoder.TryDecompress(reader.Packed[..length], planes.AsSpan(0, bytes + 1), out var written)
                || written != bytes)
                throw reader.Fault($"{what} does not come to the {bytes} bytes it claims");
            residuals.Clear();
            for (var plane = 0; plane < width; plane++)
            {
                var span = planes.AsSpan(plane * residuals.Length, residuals.Length);
                for (var i = 0; i < span.Length; i++)
                    residuals[i] |= (ulong)span[i] << (8 * plane);
            }

            reader.TakePacked(8L * length, what);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>Whether runs of eight mostly came before, or few different residuals take many bits.</summary>
    private static bool Promises(ReadOnlySpan<ulong> residuals, int packedBytes)
    {
        Span<ulong> runs = stackalloc ulong[1 << RunBits];
        Span<ulong> states = stackalloc ulong[1 << StateBits];
        runs.Clear();
        states.Clear();
        var (runHits, stateHits) = (0, 0);
        ulong run = 0, dropped = 1;
        for (var i = 0; i < RunLength; i++)
            dropped = unchecked(dropped * Factor);
        var seen = Math.Min(residuals.Length, LookMost);
        for (var i = 0; i < seen; i++)
        {
            // One is added so that no hash is the zero of an empty entry by being a run of zeros.
            var state = unchecked((residuals[i] + 1) * Factor);
            ref var knownState = ref states[(int)(state >> (64 - StateBits))];
            stateHits += knownState == state ? 1 : 0;
            knownState = state;
            run = unchecked((run * Factor) + state);
            if (i < RunLength)
                continue;
            run = unchecked(run - (((residuals[i - RunLength] + 1) * Factor) * dropped));
            ref var knownRun = ref runs[(int)(run >> (64 - RunBits))];
            runHits += knownRun == run ? 1 : 0;
            knownRun = run;
        }

        return 2 * runHits >= seen
            || (8 * stateHits >= 7 * seen && 8L * packedBytes >= (long)StatePackedBits * residuals.Length);
    }

    private static int Width(ReadOnlySpan<ulong> residuals)
    {
        ulong all = 0;
        foreach (var residual in residuals)
            all |= residual;
        return (64 - BitOperations.LeadingZeroCount(all) + 7) / 8;
    }
}
