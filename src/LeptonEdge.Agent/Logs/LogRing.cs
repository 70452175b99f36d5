using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using LeptonEdge.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Logs;

/// <summary>The newest lines of the log, as bytes in a ring: a line that is kept is no object. Any thread.</summary>
public sealed class LogRing
{
    public const int LinesMax = 2_000;
    public const int BytesMax = 512 * 1024;

    /// <summary>Of one line with its category and exception; what is longer is cut.</summary>
    public const int LineBytesMax = 2 * 1024;

    private const int FirstBytes = 8 * 1024;
    private const int CategoryBytesMax = 256;

    // Time, level, and the lengths of category, message and exception.
    private const int HeaderBytes = 8 + 1 + 3 * sizeof(ushort);

    private readonly Lock _gate = new();
    private byte[] _bytes = new byte[FirstBytes];
    private int _head;
    private int _used;
    private int _count;
    private long _end;

    /// <summary>The number that the next line gets; the first has 0.</summary>
    public long End
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    /// <summary>Bytes that the ring takes of the memory.</summary>
    public int Capacity
    {
        get
        {
            lock (_gate)
                return _bytes.Length;
        }
    }

    public void Add(long timeMicros, LogLevel level, string category, string message, string? exception)
    {
        Span<byte> line = stackalloc byte[LineBytesMax];
        BinaryPrimitives.WriteInt64LittleEndian(line, timeMicros);
        line[8] = (byte)level;
        var at = HeaderBytes;
        at += Put(line, 9, at, Math.Min(CategoryBytesMax, LineBytesMax - at), category);
        // The sentence says more than the trace behind it.
        at += Put(line, 11, at, LineBytesMax - at, message);
        at += Put(line, 13, at, LineBytesMax - at, exception ?? "");
        lock (_gate)
            Keep(line[..at]);
    }

    /// <summary>The newest of this level and worse, oldest first.</summary>
    public List<LogLine> Newest(int lines, LogLevel level)
    {
        lock (_gate)
            return Take(_end - _count, lines, level, out _);
    }

    /// <summary>Lines from a number on, oldest first; where there are more than may be taken, the newest of
    /// them.</summary>
    /// <param name="from">Becomes the number to go on from.</param>
    /// <param name="leftOut">Lines before these that are not among them: too many, or no longer here.</param>
    public List<LogLine> ReadFrom(ref long from, int linesMax, LogLevel level, out long leftOut)
    {
        lock (_gate)
        {
            var first = Math.Max(from, _end - _count);
            var lost = first - from;
            var found = Take(first, linesMax, level, out leftOut);
            (from, leftOut) = (_end, leftOut + lost);
            return found;
        }
    }

    private List<LogLine> Take(long first, int linesMax, LogLevel level, out long leftOut)
    {
        var found = new List<LogLine>();
        leftOut = Math.Max(0, Walk(first, level, long.MaxValue, null) - linesMax);
        Walk(first, level, leftOut, found);
        return found;
    }

    // Counts the lines of the level; those after the first so many are read.
    private long Walk(long first, LogLevel level, long skip, List<LogLine>? into)
    {
        Span<byte> line = stackalloc byte[LineBytesMax];
        var (number, offset, seen) = (_end - _count, 0, 0L);
        while (offset < _used)
        {
            Copy(offset, line[..HeaderBytes]);
            var length = LengthOf(line);
            if (number >= first && line[8] >= (byte)level && seen++ >= skip && into is not null)
            {
                Copy(offset, line[..length]);
                into.Add(Read(line));
            }

            offset += length;
            number++;
        }

        return seen;
    }

    private static LogLine Read(ReadOnlySpan<byte> line)
    {
        var (category, message, exception) = Lengths(line);
        var text = line[HeaderBytes..];
        return new LogLine
        {
            TimeMicros = BinaryPrimitives.ReadInt64LittleEndian(line),
            Level = (LogLevelCode)line[8],
            Category = Encoding.UTF8.GetString(text[..category]),
            Message = Encoding.UTF8.GetString(text.Slice(category, message)),
            Exception = Encoding.UTF8.GetString(text.Slice(category + message, exception)),
        };
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        while (_count == LinesMax || _used + line.Length > _bytes.Length)
        {
            if (_count < LinesMax && _bytes.Length < BytesMax)
                Grow();
            else
                DropOldest();
        }

        var at = (_head + _used) % _bytes.Length;
        var whole = Math.Min(line.Length, _bytes.Length - at);
        line[..whole].CopyTo(_bytes.AsSpan(at));
        line[whole..].CopyTo(_bytes);
        (_used, _count, _end) = (_used + line.Length, _count + 1, _end + 1);
    }

    private void DropOldest()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Copy(0, header);
        var length = LengthOf(header);
        (_head, _used, _count) = ((_head + length) % _bytes.Length, _used - length, _count - 1);
    }

    private void Grow()
    {
        var larger = new byte[Math.Min(_bytes.Length * 2, BytesMax)];
        Copy(0, larger.AsSpan(0, _used));
        (_bytes, _head) = (larger, 0);
    }

    private void Copy(int offset, Span<byte> into)
    {
        var at = (_head + offset) % _bytes.Length;
        var whole = Math.Min(into.Length, _bytes.Length - at);
        _bytes.AsSpan(at, whole).CopyTo(into);
        _bytes.AsSpan(0, into.Length - whole).CopyTo(into[whole..]);
    }

    private static int Put(Span<byte> line, int lengthAt, int at, int most, string text)
    {
        // Stops before a character that does not fit whole.
        Utf8.FromUtf16(text, line.Slice(at, most), out _, out var written);
        BinaryPrimitives.WriteUInt16LittleEndian(line[lengthAt..], (ushort)written);
        return written;
    }

    private static (int Category, int Message, int Exception) Lengths(ReadOnlySpan<byte> line) => (
        BinaryPrimitives.ReadUInt16LittleEndian(line[9..]), BinaryPrimitives.ReadUInt16LittleEndian(line[11..]),
        BinaryPrimitives.ReadUInt16LittleEndian(line[13..]));

    private static int LengthOf(ReadOnlySpan<byte> line)
    {
        var (category, message, exception) = Lengths(line);
        return HeaderBytes + category + message + exception;
    }
}
