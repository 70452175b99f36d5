namespace LeptonEdge.Inference.Tensors;

/// <summary>What a model says of one input or output.</summary>
/// <param name="Shape">-1 for a free dimension; empty for a scalar, or where the model says nothing.</param>
public sealed record TensorSpec(string Name, TensorType Type, IReadOnlyList<long> Shape);

/// <summary>A tensor with its elements.</summary>
public sealed class Tensor
{
    public required string Name { get; init; }

    public required TensorType Type { get; init; }

    public required long[] Shape { get; init; }

    /// <summary>Elements in row-major order, little-endian, without padding; empty for
    /// <see cref="TensorType.Bytes"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The elements of a <see cref="TensorType.Bytes"/> tensor, UTF-8; else empty.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Strings { get; init; } = [];

    /// <summary>Product of the dimensions.</summary>
    public long ElementCount
    {
        get
        {
            var count = 1L;
            foreach (var dimension in Shape)
                count *= dimension;
            return count;
        }
    }
}
