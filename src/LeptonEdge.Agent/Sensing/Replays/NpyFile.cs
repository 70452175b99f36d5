using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace LeptonEdge.Agent.Sensing.Replays;

/// <summary>One recording in NumPy's .npy format: versions 1.0 to 3.0, one dimension, little-endian float32 or
/// float64. Read piece by piece: memory does not grow with the recording.</summary>
/// <remarks>Format: numpy.lib.format, NumPy Enhancement Proposal 1.</remarks>
public sealed partial class NpyFile : IDisposable
{
    private const int HeaderBytesMax = 4096;
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private readonly FileStream _stream;
    private readonly long _dataOffset;
    private readonly int _itemBytes;
    private readonly byte[] _pending = new byte[4096];
    private long _position;

    private NpyFile(FileStream stream, long dataOffset, int itemBytes, long count)
    {
        _stream = stream;
        _dataOffset = dataOffset;
        _itemBytes = itemBytes;
        Count = count;
    }

    /// <summary>Samples of the recording; at least 1.</summary>
    public long Count { get; }

    /// <exception cref="SensorException">The file is missing or malformed; names it and says what is
    /// wrong.</exception>
    public static NpyFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 16_384);
            return Parse(path, stream);
        }
        catch (Exception error)
        {
            stream?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new SensorException($"{path}: {error.Message}", error);
            throw;
        }
    }

    /// <summary>Reads on from where the last read ended.</summary>
    /// <returns>Samples read: fewer than asked only at the end of the recording.</returns>
    /// <exception cref="SensorException">The file became shorter or unreadable since it was opened.</exception>
    public int Read(Span<float> samples)
    {
        var count = (int)Math.Min(samples.Length, Count - _position);
        samples = samples[..count];
        try
        {
            if (_itemBytes == sizeof(float))
                _stream.ReadExactly(MemoryMarshal.AsBytes(samples));
            else
                ReadDoubles(samples);
        }
        catch (IOException error)
        {
            throw new SensorException($"{_stream.Name}: sample {_position} could not be read: {error.Message}", error);
        }

        _position += count;
        return count;
    }

    /// <summary>Back to the first sample.</summary>
    public void Rewind()
    {
        _stream.Position = _dataOffset;
        _position = 0;
    }

    /// <summary>Leaves samples out, up to the end of the recording.</summary>
    /// <returns>How many were left out.</returns>
    public long Skip(long samples)
    {
        var count = Math.Min(samples, Count - _position);
        _position += count;
        _stream.Position = _dataOffset + (_position * _itemBytes);
        return count;
    }

    public void Dispose() => _stream.Dispose();

    private void ReadDoubles(Span<float> samples)
    {
        while (samples.Length > 0)
        {
            var piece = Math.Min(samples.Length, _pending.Length / sizeof(double));
            var bytes = _pending.AsSpan(0, piece * sizeof(double));
            _stream.ReadExactly(bytes);
            var doubles = MemoryMarshal.Cast<byte, double>(bytes);
            for (var i = 0; i < piece; i++)
                samples[i] = (float)doubles[i];
            samples = samples[piece..];
        }
    }

    private static NpyFile Parse(string path, FileStream stream)
    {
        SensorException Fault(string what) => new($"{path}: {what}");
        Span<byte> start = stackalloc byte[12];
        var got = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (got < start.Length || !start[..6].SequenceEqual(Magic))
            throw Fault("is no .npy file: it does not start with \\x93NUMPY");
        var (major, minor) = (start[6], start[7]);
        if (major is < 1 or > 3 || minor != 0)
            throw Fault($"has .npy format version {major}.{minor}; versions 1.0, 2.0 and 3.0 are read");
        var (prefix, headerBytes) = major == 1
            ? (10, BinaryPrimitives.ReadUInt16LittleEndian(start[8..]))
            : (12, BinaryPrimitives.ReadUInt32LittleEndian(start[8..]));
        if (headerBytes > HeaderBytesMax)
            throw Fault($"claims a header of {headerBytes} bytes; at most {HeaderBytesMax} are read");
        var header = new byte[headerBytes];
        stream.Position = prefix;
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            throw Fault($"ends within its header of {headerBytes} bytes");
        var (itemBytes, count) = ParseHeader(Encoding.Latin1.GetString(header), Fault);
        var held = stream.Length - prefix - header.Length;

        // Divided, not multiplied: the count is the file's claim and may be anything.
        if (held / itemBytes < count)
            throw Fault($"claims {count} samples of {itemBytes} bytes, but holds {held} bytes: it was cut off");
        if (held != count * itemBytes)
            throw Fault($"holds {held - (count * itemBytes)} bytes more than the {count} samples it claims");
        return new NpyFile(stream, prefix + header.Length, itemBytes, count);
    }

    private static (int ItemBytes, long Count) ParseHeader(string header, Func<string, SensorException> fault)
    {
        var match = HeaderPattern().Match(header);
        if (!match.Success)
            throw fault($"has a header that is not {{'descr': …, 'fortran_order': …, 'shape': (N,), }}: "
                + header[..Math.Min(header.Length, 120)].TrimEnd());
        var itemBytes = match.Groups["descr"].Value switch
        {
            "<f4" => sizeof(float),
            "<f8" => sizeof(double),
            var other => throw fault($"holds '{other}' values; save it as '<f4' or '<f8' (float32 or float64)"),
        };
        var shape = match.Groups["shape"].Value.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (shape.Length != 1)
            throw fault($"has {shape.Length} dimensions ({string.Join(", ", shape)}); one is read: save x.ravel()");
        if (!long.TryParse(shape[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            throw fault($"has {shape[0]} samples; at least 1 is needed");
        return (itemBytes, count);
    }

    [GeneratedRegex("""
        ^\s* \{ \s* 'descr' \s*:\s* '(?<descr>[^']*)' \s*,
        \s* 'fortran_order' \s*:\s* (?:True|False) \s*,
        \s* 'shape' \s*:\s* \( (?<shape>[0-9,\s]*) \) \s* ,? \s* \} \s*$
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HeaderPattern();
}
