using System.Collections.Frozen;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Inference.Tensors;

/// <summary>Type of a tensor's elements; the values are those of the Open Inference Protocol's model
/// configuration.</summary>
public enum TensorType
{
    Bool = 1,
    UInt8 = 2,
    UInt16 = 3,
    UInt32 = 4,
    UInt64 = 5,
    Int8 = 6,
    Int16 = 7,
    Int32 = 8,
    Int64 = 9,
    Float16 = 10,
    Float32 = 11,
    Float64 = 12,
    Bytes = 13,
    BFloat16 = 14,
}

/// <summary>Names and sizes of element types.</summary>
public static class TensorTypes
{
    private static readonly (TensorType Type, TensorElementType Onnx, string Name, int Bytes)[] s_all =
    [
        (TensorType.Bool, TensorElementType.Bool, "BOOL", 1),
        (TensorType.UInt8, TensorElementType.UInt8, "UINT8", 1),
        (TensorType.UInt16, TensorElementType.UInt16, "UINT16", 2),
        (TensorType.UInt32, TensorElementType.UInt32, "UINT32", 4),
        (TensorType.UInt64, TensorElementType.UInt64, "UINT64", 8),
        (TensorType.Int8, TensorElementType.Int8, "INT8", 1),
        (TensorType.Int16, TensorElementType.Int16, "INT16", 2),
        (TensorType.Int32, TensorElementType.Int32, "INT32", 4),
        (TensorType.Int64, TensorElementType.Int64, "INT64", 8),
        (TensorType.Float16, TensorElementType.Float16, "FP16", 2),
        (TensorType.Float32, TensorElementType.Float, "FP32", 4),
        (TensorType.Float64, TensorElementType.Double, "FP64", 8),
        (TensorType.Bytes, TensorElementType.String, "BYTES", 0),
        (TensorType.BFloat16, TensorElementType.BFloat16, "BF16", 2),
    ];

    private static readonly FrozenDictionary<string, TensorType> s_byName =
        s_all.ToFrozenDictionary(known => known.Name, known => known.Type);

    /// <summary>The protocol's name, such as FP32.</summary>
    public static string Name(this TensorType type) => s_all[(int)type - 1].Name;

    /// <summary>Bytes of one element; 0 for <see cref="TensorType.Bytes"/>, whose elements differ in length.</summary>
    public static int ElementBytes(this TensorType type) => s_all[(int)type - 1].Bytes;

    /// <summary>From the protocol's name.</summary>
    public static bool TryParse(string name, out TensorType type) => s_byName.TryGetValue(name, out type);

    /// <summary>The name that manifests use, such as float32.</summary>
    public static string ManifestName(this TensorType type) => type.ToString().ToLowerInvariant();

    /// <summary>From the name that manifests use; text has none.</summary>
    public static bool TryParseManifest(string? name, out TensorType type)
    {
        foreach (var known in s_all)
        {
            if (known.Type != TensorType.Bytes && known.Type.ManifestName() == name)
            {
                type = known.Type;
                return true;
            }
        }

        type = default;
        return false;
    }

    internal static TensorElementType ToOnnx(this TensorType type) => s_all[(int)type - 1].Onnx;

    /// <summary>Null for a type that the protocol cannot carry, such as complex numbers.</summary>
    internal static TensorType? FromOnnx(TensorElementType type)
    {
        foreach (var known in s_all)
        {
            if (known.Onnx == type)
                return known.Type;
        }

        return null;
    }
}
