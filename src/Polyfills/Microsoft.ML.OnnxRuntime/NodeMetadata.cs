using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What a model says of one of its inputs or outputs.</summary>
public sealed unsafe class NodeMetadata
{
    private readonly TensorElementType _elementType;

    /// <summary>Reads, and does not own, an <c>OrtTypeInfo</c>.</summary>
    internal NodeMetadata(nint typeInfo)
    {
        var api = OrtLibrary.Api;
        int kind;
        Status.Check(api->GetOnnxTypeFromTypeInfo(typeInfo, &kind));
        OnnxValueType = (OnnxValueType)kind;
        if (!IsTensor)
            return;
        nint tensor;
        Status.Check(api->CastTypeInfoToTensorInfo(typeInfo, &tensor));
        var shape = new OrtTensorTypeAndShapeInfo(tensor);
        _elementType = shape.ElementDataType;
        Dimensions = Array.ConvertAll(shape.Shape, dimension => checked((int)dimension));
        SymbolicDimensions = new string[shape.DimensionsCount];
        var names = stackalloc byte*[Math.Max(shape.DimensionsCount, 1)];
        Status.Check(api->GetSymbolicDimensions(tensor, names, (nuint)shape.DimensionsCount));
        for (var i = 0; i < SymbolicDimensions.Length; i++)
            SymbolicDimensions[i] = Utf8.ToManaged(names[i]);
    }

    public OnnxValueType OnnxValueType { get; }

    public bool IsTensor => OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR;

    public bool IsString => IsTensor && _elementType == TensorElementType.String;

    /// <summary>Shape; -1 for a free dimension.</summary>
    public int[] Dimensions { get; } = [];

    /// <summary>Name of each free dimension; empty for a fixed or nameless one.</summary>
    public string[] SymbolicDimensions { get; } = [];

    /// <summary>.NET type of an element.</summary>
    public Type ElementType => ElementTypes.ToManaged(ElementDataType);

    /// <summary>ONNX type of an element.</summary>
    public TensorElementType ElementDataType => IsTensor
        ? _elementType
        : throw new OnnxRuntimeException(ErrorCode.RuntimeException, $"not a tensor: {OnnxValueType}");
}
