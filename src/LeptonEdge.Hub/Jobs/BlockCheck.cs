using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Checks a block of rows in itself, before the model is known that is to take it.</summary>
internal static class BlockCheck
{
    private const int TensorsMax = 64;
    private const int DimensionsMax = 16;

    /// <returns>Rows of the block.</returns>
    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public static int Rows(TensorBlock block)
    {
        if (block.Tensors.Count is < 1 or > TensorsMax)
            throw ServingException.Invalid($"tensors: {block.Tensors.Count} were given; give 1 to {TensorsMax}");
        var rows = -1L;
        for (var i = 0; i < block.Tensors.Count; i++)
        {
            var tensor = block.Tensors[i];
            if (!TensorTypes.TryParse(tensor.Datatype, out var type))
                throw ServingException.Invalid(
                    $"tensors[{i}].datatype: '{ServingException.Short(tensor.Datatype)}' is none; such as FP32");
            if (type != TensorType.Bytes && Elements(tensor, i) * type.ElementBytes() != tensor.Raw.Length)
                throw ServingException.Invalid(
                    $"tensors[{i}].raw: {tensor.Raw.Length} bytes; the shape says "
                    + $"{Elements(tensor, i) * type.ElementBytes()}");
            var own = tensor.Shape.Count == 0 ? 1 : tensor.Shape[0];
            if (rows >= 0 && own != rows)
                throw ServingException.Invalid(
                    $"tensors[{i}].shape: {own} rows; the tensors before have {rows}");
            rows = own;
        }

        return (int)Math.Clamp(rows, 1, int.MaxValue);
    }

    private static long Elements(NamedTensor tensor, int index)
    {
        var count = 1L;
        if (tensor.Shape.Count > DimensionsMax)
            throw ServingException.Invalid(
                $"tensors[{index}].shape: {tensor.Shape.Count} dimensions; at most {DimensionsMax}");
        foreach (var dimension in tensor.Shape)
        {
            if (dimension is < 1 or > int.MaxValue || (count *= dimension) > int.MaxValue)
                throw ServingException.Invalid($"tensors[{index}].shape: {dimension} is no dimension of such a tensor");
        }

        return count;
    }
}
