using System.Runtime.InteropServices;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Inference.Splitting;

/// <summary>Draws inputs for a model of which nothing is known but its types and shapes.</summary>
internal static class RandomTensor
{
    /// <param name="spec">The input.</param>
    /// <param name="rows">Size of its first dimension, where that is free.</param>
    /// <param name="random">Draws the elements; null: all zero.</param>
    /// <param name="otherwise">Size of other free dimensions.</param>
    public static Tensor Draw(TensorSpec spec, int rows, Random? random, int otherwise = 1) => Draw(
        spec, [.. spec.Shape.Select((dim, i) => dim >= 0 ? dim : i == 0 ? rows : otherwise)], random);

    /// <param name="spec">The input.</param>
    /// <param name="shape">Its shape, without free dimensions.</param>
    /// <param name="random">Draws the elements; null: all zero.</param>
    public static Tensor Draw(TensorSpec spec, long[] shape, Random? random)
    {
        var count = checked((int)shape.Aggregate(1L, (product, dim) => product * dim));
        var data = new byte[count * spec.Type.ElementBytes()];
        if (random is not null)
            Fill(spec.Type, data, random);
        return new Tensor
        {
            Name = spec.Name,
            Type = spec.Type,
            Shape = shape,
            Data = data,
            Strings = spec.Type == TensorType.Bytes ? new ReadOnlyMemory<byte>[count] : [],
        };
    }

    private static void Fill(TensorType type, byte[] data, Random random)
    {
        switch (type)
        {
            case TensorType.Float32:
                Each<float>(data, random, value => (float)value);
                break;
            case TensorType.Float64:
                Each<double>(data, random, value => value);
                break;
            case TensorType.Float16:
                Each<Half>(data, random, value => (Half)value);
                break;
            case TensorType.UInt8 or TensorType.Int8:
                random.NextBytes(data);
                break;
            default:
                // Wider integers are mostly indices: 0 and 1 stand in every table.
                for (var i = 0; i < data.Length; i += type.ElementBytes())
                    data[i] = (byte)(type == TensorType.BFloat16 ? 0 : random.Next(2));
                break;
        }
    }

    private static void Each<T>(byte[] data, Random random, Func<double, T> convert)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(data.AsSpan());
        for (var i = 0; i < values.Length; i++)
            values[i] = convert(Normal(random));
    }

    /// <remarks>Box and Muller, Ann. Math. Statist. 29 (1958).</remarks>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
