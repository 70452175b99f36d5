using System.Runtime.InteropServices;

namespace LeptonEdge.Inference.Graphs;

/// <summary>A constant tensor: where its elements lie in the file. Nothing is copied.</summary>
public sealed record GraphTensor(string Name, ElementType Element, IReadOnlyList<long> Dims)
{
    // Anything beyond is a broken or hostile file; ONNX itself cannot store more than 2 GiB.
    internal const long ElementsMax = int.MaxValue;

    /// <summary>Elements in little-endian order; empty where they are in a list of numbers or elsewhere.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Integers written as varints, as ONNX's int32_data and int64_data are.</summary>
    public ReadOnlyMemory<byte> Packed { get; init; }

    /// <summary>Elements that the file holds, in whatever form.</summary>
    public long Stored { get; init; }

    /// <summary>Where the elements are, if they are in another file.</summary>
    public ExternalData? External { get; init; }

    /// <summary>Elements that the shape asks for; saturates instead of overflowing.</summary>
    public long Count => Dims.Aggregate(1L, Product);

    /// <summary>The elements of a float tensor, in row-major order.</summary>
    /// <exception cref="ModelException">They are not float32, or are not in one piece in this file.</exception>
    public ReadOnlySpan<float> Floats => Element == ElementType.Float && Raw.Length == Count * sizeof(float)
        ? MemoryMarshal.Cast<byte, float>(Raw.Span)
        : throw new ModelException($"tensor '{Name}' is not float32 in one piece; save the model again");

    /// <summary>The elements of an integer tensor, such as the shape that a Reshape reads.</summary>
    /// <param name="countMax">More than these are not read.</param>
    /// <returns>Null if the tensor has more, or holds no int32 or int64.</returns>
    public long[]? Integers(int countMax = 64)
    {
        if (Count > countMax || Element is not (ElementType.Int64 or ElementType.Int32))
            return null;
        var values = new long[Count];
        if (Raw.Length > 0)
        {
            var size = Element.Bits() / 8;
            if (Raw.Length != values.Length * size)
                return null;
            for (var i = 0; i < values.Length; i++)
                values[i] = size == 8
                    ? MemoryMarshal.Read<long>(Raw.Span[(i * 8)..]) : MemoryMarshal.Read<int>(Raw.Span[(i * 4)..]);
            return values;
        }

        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (at >= Packed.Length)
                return null;
            values[i] = (long)WireReader.ReadVarint(Packed.Span, ref at);
        }

        return values;
    }

    internal static long Product(long product, long dim) =>
        dim < 0 || product < 0 ? -1 : dim > 0 && product > long.MaxValue / dim ? long.MaxValue : product * dim;
}

/// <summary>Where a tensor's elements are, if not in the model's own file.</summary>
/// <param name="Location">Path, relative to the model's folder.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes; null: to the file's end.</param>
public sealed record ExternalData(string Location, string Offset, string? Length);
