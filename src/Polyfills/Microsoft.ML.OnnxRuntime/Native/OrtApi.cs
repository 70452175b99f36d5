using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>The two functions of <c>OrtGetApiBase()</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct OrtApiBase
{
    public readonly delegate* unmanaged<uint, OrtApi*> GetApi;
    public readonly delegate* unmanaged<byte*> GetVersionString;
}

/// <summary>
/// The entries that we call of ONNX Runtime's function table. The table only ever grows at its end, so an entry's
/// place is the same in every release; all of these are there since 1.12. Most return an <c>OrtStatus*</c>, null for
/// success.
/// </summary>
/// <remarks>Places: order of <c>struct OrtApi</c> in onnxruntime_c_api.h, 8 bytes each (64-bit only).</remarks>
[StructLayout(LayoutKind.Explicit)]
internal readonly unsafe struct OrtApi
{
    [FieldOffset(1 * 8)] public readonly delegate* unmanaged<nint, int> GetErrorCode;
    [FieldOffset(2 * 8)] public readonly delegate* unmanaged<nint, byte*> GetErrorMessage;
    [FieldOffset(3 * 8)] public readonly delegate* unmanaged<int, byte*, nint*, nint> CreateEnv;
    [FieldOffset(4 * 8)]
    public readonly delegate* unmanaged<nint, nint, int, byte*, nint*, nint> CreateEnvWithCustomLogger;
    [FieldOffset(5 * 8)] public readonly delegate* unmanaged<nint, nint> EnableTelemetryEvents;
    [FieldOffset(6 * 8)] public readonly delegate* unmanaged<nint, nint> DisableTelemetryEvents;
    [FieldOffset(7 * 8)] public readonly delegate* unmanaged<nint, byte*, nint, nint*, nint> CreateSession;
    [FieldOffset(8 * 8)]
    public readonly delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray;
    [FieldOffset(9 * 8)]
    public readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run;
    [FieldOffset(10 * 8)] public readonly delegate* unmanaged<nint*, nint> CreateSessionOptions;
    [FieldOffset(11 * 8)] public readonly delegate* unmanaged<nint, byte*, nint> SetOptimizedModelFilePath;
    [FieldOffset(13 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetSessionExecutionMode;
    [FieldOffset(14 * 8)] public readonly delegate* unmanaged<nint, byte*, nint> EnableProfiling;
    [FieldOffset(15 * 8)] public readonly delegate* unmanaged<nint, nint> DisableProfiling;
    [FieldOffset(16 * 8)] public readonly delegate* unmanaged<nint, nint> EnableMemPattern;
    [FieldOffset(17 * 8)] public readonly delegate* unmanaged<nint, nint> DisableMemPattern;
    [FieldOffset(18 * 8)] public readonly delegate* unmanaged<nint, nint> EnableCpuMemArena;
    [FieldOffset(19 * 8)] public readonly delegate* unmanaged<nint, nint> DisableCpuMemArena;
    [FieldOffset(20 * 8)] public readonly delegate* unmanaged<nint, byte*, nint> SetSessionLogId;
    [FieldOffset(21 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetSessionLogVerbosityLevel;
    [FieldOffset(22 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetSessionLogSeverityLevel;
    [FieldOffset(23 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel;
    [FieldOffset(24 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads;
    [FieldOffset(25 * 8)] public readonly delegate* unmanaged<nint, int, nint> SetInterOpNumThreads;
    [FieldOffset(30 * 8)] public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount;
    [FieldOffset(31 * 8)] public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount;
    [FieldOffset(32 * 8)]
    public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetOverridableInitializerCount;
    [FieldOffset(33 * 8)] public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo;
    [FieldOffset(34 * 8)] public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo;
    [FieldOffset(35 * 8)]
    public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOverridableInitializerTypeInfo;
    [FieldOffset(36 * 8)] public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetInputName;
    [FieldOffset(37 * 8)] public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOutputName;
    [FieldOffset(38 * 8)]
    public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOverridableInitializerName;
    [FieldOffset(39 * 8)] public readonly delegate* unmanaged<nint*, nint> CreateRunOptions;
    [FieldOffset(40 * 8)] public readonly delegate* unmanaged<nint, int, nint> RunOptionsSetRunLogVerbosityLevel;
    [FieldOffset(41 * 8)] public readonly delegate* unmanaged<nint, int, nint> RunOptionsSetRunLogSeverityLevel;
    [FieldOffset(42 * 8)] public readonly delegate* unmanaged<nint, byte*, nint> RunOptionsSetRunTag;
    [FieldOffset(46 * 8)] public readonly delegate* unmanaged<nint, nint> RunOptionsSetTerminate;
    [FieldOffset(47 * 8)] public readonly delegate* unmanaged<nint, nint> RunOptionsUnsetTerminate;
    [FieldOffset(48 * 8)]
    public readonly delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensorAsOrtValue;
    [FieldOffset(49 * 8)]
    public readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>
        CreateTensorWithDataAsOrtValue;
    [FieldOffset(51 * 8)] public readonly delegate* unmanaged<nint, void**, nint> GetTensorMutableData;
    [FieldOffset(55 * 8)] public readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo;
    [FieldOffset(56 * 8)] public readonly delegate* unmanaged<nint, int*, nint> GetOnnxTypeFromTypeInfo;
    [FieldOffset(60 * 8)] public readonly delegate* unmanaged<nint, int*, nint> GetTensorElementType;
    [FieldOffset(61 * 8)] public readonly delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount;
    [FieldOffset(62 * 8)] public readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions;
    [FieldOffset(63 * 8)] public readonly delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions;
    [FieldOffset(64 * 8)] public readonly delegate* unmanaged<nint, nuint*, nint> GetTensorShapeElementCount;
    [FieldOffset(65 * 8)] public readonly delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape;
    [FieldOffset(67 * 8)] public readonly delegate* unmanaged<nint, int*, nint> GetValueType;
    [FieldOffset(68 * 8)] public readonly delegate* unmanaged<byte*, int, int, int, nint*, nint> CreateMemoryInfo;
    [FieldOffset(69 * 8)] public readonly delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo;
    [FieldOffset(71 * 8)] public readonly delegate* unmanaged<nint, byte**, nint> MemoryInfoGetName;
    [FieldOffset(72 * 8)] public readonly delegate* unmanaged<nint, int*, nint> MemoryInfoGetId;
    [FieldOffset(76 * 8)] public readonly delegate* unmanaged<nint, void*, nint> AllocatorFree;
    [FieldOffset(78 * 8)] public readonly delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions;
    [FieldOffset(92 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseEnv;
    [FieldOffset(93 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseStatus;
    [FieldOffset(94 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo;
    [FieldOffset(95 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseSession;
    [FieldOffset(96 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseValue;
    [FieldOffset(97 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseRunOptions;
    [FieldOffset(98 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseTypeInfo;
    [FieldOffset(99 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo;
    [FieldOffset(100 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseSessionOptions;
    [FieldOffset(110 * 8)] public readonly delegate* unmanaged<nint, nint, byte**, nint> SessionEndProfiling;
    [FieldOffset(111 * 8)] public readonly delegate* unmanaged<nint, nint*, nint> SessionGetModelMetadata;
    [FieldOffset(112 * 8)] public readonly delegate* unmanaged<nint, nint, byte**, nint> ModelMetadataGetProducerName;
    [FieldOffset(113 * 8)] public readonly delegate* unmanaged<nint, nint, byte**, nint> ModelMetadataGetGraphName;
    [FieldOffset(114 * 8)] public readonly delegate* unmanaged<nint, nint, byte**, nint> ModelMetadataGetDomain;
    [FieldOffset(115 * 8)] public readonly delegate* unmanaged<nint, nint, byte**, nint> ModelMetadataGetDescription;
    [FieldOffset(116 * 8)]
    public readonly delegate* unmanaged<nint, nint, byte*, byte**, nint> ModelMetadataLookupCustomMetadataMap;
    [FieldOffset(117 * 8)] public readonly delegate* unmanaged<nint, long*, nint> ModelMetadataGetVersion;
    [FieldOffset(118 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseModelMetadata;
    [FieldOffset(123 * 8)]
    public readonly delegate* unmanaged<nint, nint, byte***, long*, nint> ModelMetadataGetCustomMetadataMapKeys;
    [FieldOffset(124 * 8)] public readonly delegate* unmanaged<nint, byte*, long, nint> AddFreeDimensionOverrideByName;
    [FieldOffset(125 * 8)] public readonly delegate* unmanaged<byte***, int*, nint> GetAvailableProviders;
    [FieldOffset(126 * 8)] public readonly delegate* unmanaged<byte**, int, nint> ReleaseAvailableProviders;
    [FieldOffset(127 * 8)] public readonly delegate* unmanaged<nint, nuint, nuint*, nint> GetStringTensorElementLength;
    [FieldOffset(128 * 8)] public readonly delegate* unmanaged<nint, nuint, nuint, void*, nint> GetStringTensorElement;
    [FieldOffset(129 * 8)] public readonly delegate* unmanaged<nint, byte*, nuint, nint> FillStringTensorElement;
    [FieldOffset(130 * 8)] public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry;
    [FieldOffset(133 * 8)] public readonly delegate* unmanaged<nint, nint, nint, nint> RunWithBinding;
    [FieldOffset(134 * 8)] public readonly delegate* unmanaged<nint, nint*, nint> CreateIoBinding;
    [FieldOffset(135 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseIoBinding;
    [FieldOffset(136 * 8)] public readonly delegate* unmanaged<nint, byte*, nint, nint> BindInput;
    [FieldOffset(137 * 8)] public readonly delegate* unmanaged<nint, byte*, nint, nint> BindOutput;
    [FieldOffset(140 * 8)] public readonly delegate* unmanaged<nint, nint, nint**, nuint*, nint> GetBoundOutputValues;
    [FieldOffset(141 * 8)] public readonly delegate* unmanaged<nint, void> ClearBoundInputs;
    [FieldOffset(142 * 8)] public readonly delegate* unmanaged<nint, void> ClearBoundOutputs;
    [FieldOffset(146 * 8)] public readonly delegate* unmanaged<nint, ulong*, nint> SessionGetProfilingStartTimeNs;
    [FieldOffset(158 * 8)]
    public readonly delegate* unmanaged<nint, nint, byte**, nint> ModelMetadataGetGraphDescription;
    [FieldOffset(165 * 8)] public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddRunConfigEntry;
    [FieldOffset(170 * 8)]
    public readonly delegate* unmanaged<nint, nint, nint> SessionOptionsAppendExecutionProvider_TensorRT_V2;
    [FieldOffset(171 * 8)] public readonly delegate* unmanaged<nint*, nint> CreateTensorRTProviderOptions;
    [FieldOffset(172 * 8)]
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateTensorRTProviderOptions;
    [FieldOffset(174 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseTensorRTProviderOptions;
    [FieldOffset(202 * 8)] public readonly delegate* unmanaged<nint, nint> SynchronizeBoundInputs;
    [FieldOffset(203 * 8)] public readonly delegate* unmanaged<nint, nint> SynchronizeBoundOutputs;
    [FieldOffset(204 * 8)]
    public readonly delegate* unmanaged<nint, nint, nint> SessionOptionsAppendExecutionProvider_CUDA_V2;
    [FieldOffset(205 * 8)] public readonly delegate* unmanaged<nint*, nint> CreateCUDAProviderOptions;
    [FieldOffset(206 * 8)]
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateCUDAProviderOptions;
    [FieldOffset(208 * 8)] public readonly delegate* unmanaged<nint, void> ReleaseCUDAProviderOptions;
    [FieldOffset(216 * 8)]
    public readonly delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> SessionOptionsAppendExecutionProvider;
}
