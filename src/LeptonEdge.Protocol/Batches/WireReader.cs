using System.Buffers.Binary;
using System.Text;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Reads what <see cref="WireWriter"/> wrote, trusting none of it.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes, BatchLimits limits)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public readonly BatchLimits Limits => limits;

    public readonly BatchFormatException Fault(string what) => new($"batch: byte {Position}: {what}");

    public byte ReadByte(string what)
    {
        if (Remaining < 1)
            throw Fault($"ends before {what}");
        return _bytes[Position++];
    }

    public ReadOnlySpan<byte> ReadBytes(long count, string what)
    {
        if (count > Remaining)
            throw Fault($"{what} needs {count} bytes, {Remaining} are left");
        var span = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return span;
    }

    public ulong ReadVarint(string what)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = ReadByte(what);
            if (shift == 63 && b > 1)
                break;
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }

        throw Fault($"{what} is not a number of at most 64 bits");
    }

    public long ReadSigned(string what) => WireWriter.UnZigZag(ReadVarint(what));

    public ulong ReadFixed64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8, what));

    public int ReadCount(int max, string what)
    {
        var count = ReadVarint(what);
        if (count > (ulong)max)
            throw Fault($"{what} is {count}: at most {max}");
        return (int)count;
    }

    public string ReadText(string what)
    {
        var span = ReadBytes(ReadCount(limits.TextBytesMax, what), what);
        try
        {
            return StrictUtf8.GetString(span);
        }
        catch (ArgumentException)
        {
            throw Fault($"{what} is not UTF-8");
        }
    }

    public readonly void ExpectEnd()
    {
        if (Remaining > 0)
            throw Fault($"{Remaining} bytes follow the last record");
    }
}
