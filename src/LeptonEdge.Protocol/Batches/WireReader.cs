using System.Buffers.Binary;
using System.Text;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Reads what a <see cref="ColumnWriter"/> holds, trusting none of it.</summary>
/// <param name="mostAsked">Memory that the input may ask for, bytes, as <see cref="Asking"/> counts it.</param>
internal ref struct WireReader(
    ReadOnlySpan<byte> plain, ReadOnlySpan<byte> packed, byte version, long mostAsked, BatchLimits limits)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = plain;
    private long _leftToAsk = mostAsked;

    public int Position { get; private set; }

    public readonly bool IsVersion1 => version == 1;

    public readonly bool HasUsage => version >= BatchFrame.Version3;

    /// <summary>The packed bits that no column has taken yet.</summary>
    public ReadOnlySpan<byte> Packed { get; private set; } = packed;

    public readonly int Remaining => _bytes.Length - Position;

    public readonly BatchLimits Limits => limits;

    public readonly BatchFormatException Fault(string what) => new($"batch: byte {Position}: {what}");

    /// <summary>To be called before memory is taken that the input asks for.</summary>
    public void Ask(long count, int bytesEach, string what)
    {
        _leftToAsk -= count * bytesEach;
        if (_leftToAsk < 0)
            throw Fault($"{what} asks for more memory than the size of the input allows");
    }

    public void TakePacked(long bits, string what)
    {
        var count = (bits + 7) / 8;
        if (count > Packed.Length)
            throw Fault($"{what} needs {count} packed bytes, {Packed.Length} are left");
        Packed = Packed[(int)count..];
    }

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
        Ask(1, Asking.Text, what);
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
        // What is denser than a reader allows comes padded with zeros.
        if (Packed.ContainsAnyExcept((byte)0))
            throw Fault($"{Packed.Length} packed bytes follow the last record");
    }
}
