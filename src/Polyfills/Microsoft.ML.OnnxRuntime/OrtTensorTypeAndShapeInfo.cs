using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Element type and shape of a tensor.</summary>
public readonly unsafe struct OrtTensorTypeAndShapeInfo
{
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        var api = OrtLibrary.Api;
        int type;
        nuint rank;
        Status.Check(api->GetTensorElementType(info, &type));
        Status.Check(api->GetDimensionsCount(info, &rank));
        ElementDataType = (TensorElementType)type;
        Shape = new long[rank];
        fixed (long* shape = Shape)
            Status.Check(api->GetDimensions(info, shape, rank));
        if (Array.TrueForAll(Shape, dimension => dimension >= 0))
        {
            nuint count;
            Status.Check(api->GetTensorShapeElementCount(info, &count));
            ElementCount = (long)count;
        }
    }

    public TensorElementType ElementDataType { get; }

    public bool IsString => ElementDataType == TensorElementType.String;

    /// <summary>Product of the dimensions; 0 where one of them is free.</summary>
    public long ElementCount { get; }

    public int DimensionsCount => Shape.Length;

    /// <summary>Dimensions; -1 for a free one.</summary>
    public long[] Shape { get; }
}
