namespace Microsoft.ML.OnnxRuntime
{
    /// <summary>How bad a log message is.</summary>
    public enum OrtLoggingLevel
    {
        ORT_LOGGING_LEVEL_VERBOSE = 0,
        ORT_LOGGING_LEVEL_INFO = 1,
        ORT_LOGGING_LEVEL_WARNING = 2,
        ORT_LOGGING_LEVEL_ERROR = 3,
        ORT_LOGGING_LEVEL_FATAL = 4,
    }

    /// <summary>How far ONNX Runtime rewrites the graph when it loads a model.</summary>
    public enum GraphOptimizationLevel
    {
        ORT_DISABLE_ALL = 0,
        ORT_ENABLE_BASIC = 1,
        ORT_ENABLE_EXTENDED = 2,
        ORT_ENABLE_ALL = 99,
    }

    /// <summary>Whether operators run one after the other or side by side.</summary>
    public enum ExecutionMode
    {
        ORT_SEQUENTIAL = 0,
        ORT_PARALLEL = 1,
    }

    /// <summary>Kind of an ONNX value.</summary>
    public enum OnnxValueType
    {
        ONNX_TYPE_UNKNOWN = 0,
        ONNX_TYPE_TENSOR = 1,
        ONNX_TYPE_SEQUENCE = 2,
        ONNX_TYPE_MAP = 3,
        ONNX_TYPE_OPAQUE = 4,
        ONNX_TYPE_SPARSETENSOR = 5,
        ONNX_TYPE_OPTIONAL = 6,
    }

    /// <summary>Which allocator memory comes from.</summary>
    public enum OrtAllocatorType
    {
        DeviceAllocator = 0,
        ArenaAllocator = 1,
    }

    /// <summary>What memory of an allocator is for.</summary>
    public enum OrtMemType
    {
        CpuInput = -2,
        CpuOutput = -1,
        Cpu = CpuOutput,
        Default = 0,
    }
}

namespace Microsoft.ML.OnnxRuntime.Tensors
{
    /// <summary>Type of a tensor's elements.</summary>
    public enum TensorElementType
    {
        Float = 1,
        UInt8 = 2,
        Int8 = 3,
        UInt16 = 4,
        Int16 = 5,
        Int32 = 6,
        Int64 = 7,
        String = 8,
        Bool = 9,
        Float16 = 10,
        Double = 11,
        UInt32 = 12,
        UInt64 = 13,
        Complex64 = 14,
        Complex128 = 15,
        BFloat16 = 16,
    }
}
