using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving;

/// <summary>Where the elements of an input stand in a request; a text only for who reads of a fault.</summary>
/// <param name="Index">Of the input.</param>
/// <param name="Typed">What the elements are where they are typed; null where they are raw.</param>
internal readonly record struct ElementsField(int Index, TensorType? Typed)
{
    public override string ToString() =>
        Typed is { } type ? $"inputs[{Index}].contents.{NameOf(type)}" : $"raw_input_contents[{Index}]";

    private static string NameOf(TensorType type) => type switch
    {
        TensorType.Bool => "bool_contents",
        TensorType.Int8 or TensorType.Int16 or TensorType.Int32 => "int_contents",
        TensorType.Int64 => "int64_contents",
        TensorType.UInt8 or TensorType.UInt16 or TensorType.UInt32 => "uint_contents",
        TensorType.UInt64 => "uint64_contents",
        TensorType.Float32 => "fp32_contents",
        TensorType.Float64 => "fp64_contents",
        _ => "bytes_contents",
    };
}
