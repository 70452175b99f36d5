using System.Buffers.Text;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>Reads small kernel files into one buffer that is used again and again.</summary>
internal sealed class FileText
{
    /// <summary>Above this a file is cut; every file read here has what matters at its start.</summary>
    private const int BytesMax = 1 << 20;

    private byte[] _buffer = new byte[8192];

    /// <summary>The file's bytes, valid until the next read.</summary>
    /// <exception cref="IOException">The file cannot be read: a device that answers with an error, or is
    /// gone.</exception>
    public ReadOnlySpan<byte> Read(string path)
    {
        using var handle = File.OpenHandle(path);
        var length = 0;
        while (true)
        {
            var read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
            length += read;
            if (read == 0 || length == BytesMax)
                return _buffer.AsSpan(0, length);
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, BytesMax));
        }
    }

    /// <summary>A file that holds one whole number, as sysfs has them.</summary>
    /// <exception cref="FormatException">It holds something else.</exception>
    public long ReadNumber(string path)
    {
        var text = Read(path);
        if (text.Length > 0 && text[^1] == '\n')
            text = text[..^1];
        if (Utf8Parser.TryParse(text, out long number, out var consumed) && consumed == text.Length && consumed > 0)
            return number;
        throw new FormatException("it does not hold one whole number");
    }
}

/// <summary>Walks over lines and their fields without copying.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>The next line; a last line without its end was cut off and does not count.</summary>
    public bool NextLine(out ReadOnlySpan<byte> line)
    {
        var end = _rest.IndexOf((byte)'\n');
        line = end < 0 ? default : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return end >= 0;
    }

    /// <summary>The next field of a line, between spaces; empty at its end.</summary>
    public static ReadOnlySpan<byte> NextField(ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        var end = line.IndexOf((byte)' ');
        var field = end < 0 ? line : line[..end];
        line = line[field.Length..];
        return field;
    }

    /// <exception cref="FormatException">The next field is no whole number.</exception>
    public static long NextNumber(ref ReadOnlySpan<byte> line)
    {
        var field = NextField(ref line);
        if (Utf8Parser.TryParse(field, out long number, out var consumed) && consumed == field.Length && consumed > 0)
            return number;

        // Counters are unsigned; beyond half their range they still only matter by their difference.
        if (Utf8Parser.TryParse(field, out ulong unsigned, out consumed) && consumed == field.Length && consumed > 0)
            return unchecked((long)unsigned);
        throw new FormatException("a number is missing or not whole");
    }

    public static void SkipFields(ref ReadOnlySpan<byte> line, int count)
    {
        for (var i = 0; i < count; i++)
            NextField(ref line);
    }
}
