using System.Buffers.Binary;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>One page as it stands in SQLite's write-ahead log.</summary>
/// <param name="At">Of the page's bytes in the log file.</param>
/// <param name="Sound">SQLite itself would read it: every checksum up to the end of its transaction holds.</param>
/// <param name="Whole">Its bytes are those that its own checksum was made of.</param>
/// <param name="Ends">It ends a transaction.</param>
/// <param name="Salt">The same in all frames that were written since the log last began anew.</param>
internal readonly record struct WalFrame(uint Page, long At, bool Sound, bool Whole, bool Ends, ulong Salt);

/// <summary>Reads SQLite's write-ahead log frame by frame, also past the place where SQLite stops: a single flipped bit
/// there makes it forget every transaction that follows.</summary>
/// <remarks>Layout: sqlite.org/fileformat2.html#walformat.</remarks>
internal static class WalFrames
{
    public const int HeaderBytes = 32;
    public const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377F_0682;

    /// <param name="log">The whole file.</param>
    public static List<WalFrame> Read(ReadOnlySpan<byte> log)
    {
        var frames = new List<WalFrame>();
        if (log.Length < HeaderBytes + FrameHeaderBytes + OutboxFile.PageBytes)
            return frames;
        var magic = BinaryPrimitives.ReadUInt32BigEndian(log);
        var big = (magic & 1) != 0;
        var salt = BinaryPrimitives.ReadUInt64BigEndian(log[16..]);
        var sound = (magic & ~1u) == Magic
            && BinaryPrimitives.ReadUInt32BigEndian(log[8..]) == OutboxFile.PageBytes
            && Sum(log[..24], big, (0, 0)) == SumAt(log, 24);
        var before = SumAt(log, 24);
        const int Step = FrameHeaderBytes + OutboxFile.PageBytes;
        for (var at = HeaderBytes; at + Step <= log.Length; at += Step)
        {
            var frame = log.Slice(at, Step);
            var frameSalt = BinaryPrimitives.ReadUInt64BigEndian(frame[8..]);
            var sum = SumAt(frame, 16);
            var whole = Sum(frame[FrameHeaderBytes..], big, Sum(frame[..8], big, before)) == sum;
            sound = sound && whole && frameSalt == salt;
            before = sum;
            frames.Add(new WalFrame(
                BinaryPrimitives.ReadUInt32BigEndian(frame), at + FrameHeaderBytes, sound, whole,
                BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0, frameSalt));
        }

        DropUnended(frames);
        return frames;
    }

    // A transaction counts from the frame on that ends it.
    private static void DropUnended(List<WalFrame> frames)
    {
        for (var i = frames.Count - 1; i >= 0 && !(frames[i].Sound && frames[i].Ends); i--)
            frames[i] = frames[i] with { Sound = false };
    }

    private static (uint, uint) Sum(ReadOnlySpan<byte> bytes, bool big, (uint A, uint B) sum)
    {
        var (a, b) = sum;
        for (var i = 0; i + 8 <= bytes.Length; i += 8)
        {
            unchecked
            {
                a += Word(bytes[i..], big) + b;
                b += Word(bytes[(i + 4)..], big) + a;
            }
        }

        return (a, b);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool big) => big
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static (uint, uint) SumAt(ReadOnlySpan<byte> bytes, int at) =>
        (BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]));
}
