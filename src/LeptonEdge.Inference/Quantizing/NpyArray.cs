using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>An array as NumPy saves it: little-endian, row-major, of floats or integers.</summary>
/// <remarks>NumPy's format description, versions 1 to 3.</remarks>
public sealed partial class NpyArray
{
    private const int HeaderMax = 1 << 16;

    private NpyArray(long[] shape, float[] values, bool isInteger)
    {
        Shape = shape;
        Values = values;
        IsInteger = isInteger;
    }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements as float32, in row-major order.</summary>
    public float[] Values { get; }

    /// <summary>Whether the file held integers, as class labels are.</summary>
    public bool IsInteger { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="QuantizerException">It is no such array, is cut short, or holds NaN.</exception>
    public static NpyArray Read(string file)
    {
        try
        {
            return Parse(File.ReadAllBytes(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuantizerException($"{file}: {e.Message}", e);
        }
    }

    private static NpyArray Parse(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes[1..6].SequenceEqual("NUMPY"u8) || bytes[6] is < 1 or > 3)
            throw Fault(file, "is not an array that NumPy saved");
        var lengthBytes = bytes[6] == 1 ? 2 : 4;
        var length = lengthBytes == 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > HeaderMax || length > bytes.Length - 8 - lengthBytes)
            throw Fault(file, "is cut short");
        var header = Encoding.UTF8.GetString(bytes.Slice(8 + lengthBytes, (int)length));
        var data = bytes[(8 + lengthBytes + (int)length)..];
        if (Description().Match(header) is not { Success: true } kind || ShapeText().Match(header) is not
            { Success: true } shapeText)
        {
            throw Fault(file, "has a header that says no type or shape");
        }

        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw Fault(file, "is column by column: save numpy.ascontiguousarray(x)");
        var shape = shapeText.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries
            | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var dim)
                ? dim : throw Fault(file, "has a header that says no shape")).ToArray();
        var count = shape.Aggregate(1L, Graphs.GraphTensor.Product);
        var values = Convert(data, kind.Groups[1].Value, count, file);
        if (FiniteValues.FirstNonFinite(values) is >= 0 and var bad)
            throw Fault(file, $"holds {values[bad]} as value {bad}: leave such windows out");
        return new NpyArray(shape, values, kind.Groups[1].Value[1] is 'i' or 'u' or 'b');
    }

    private static float[] Convert(ReadOnlySpan<byte> data, string kind, long count, string file)
    {
        var size = kind[^1] - '0';
        if (count < 0 || count > int.MaxValue || count * size != data.Length)
            throw Fault(file, $"says {count:#,0} elements of {size} bytes, but holds {data.Length:#,0} bytes");
        return kind switch
        {
            "<f4" => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            "<f8" => Each<double>(data, value => (float)value),
            "<f2" => Each<Half>(data, value => (float)value),
            "<i8" => Each<long>(data, value => value),
            "<i4" => Each<int>(data, value => value),
            "<i2" => Each<short>(data, value => value),
            "|i1" => Each<sbyte>(data, value => value),
            "|u1" or "|b1" => Each<byte>(data, value => value),
            _ => throw Fault(file, $"holds elements of type '{kind}': save x.astype('float32')"),
        };
    }

    private static float[] Each<T>(ReadOnlySpan<byte> data, Func<T, float> convert)
        where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(data);
        var values = new float[from.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = convert(from[i]);
        return values;
    }

    private static QuantizerException Fault(string file, string what) => new($"{file}: {what}");

    [GeneratedRegex(@"'descr':\s*'([<|>=][a-z]\d)'")]
    private static partial Regex Description();

    [GeneratedRegex(@"'shape':\s*\(([\d,\s]*)\)")]
    private static partial Regex ShapeText();
}
