using System.Runtime.CompilerServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Turns an <c>OrtStatus*</c> into success or an exception with ONNX Runtime's own words.</summary>
internal static unsafe class Status
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(nint status)
    {
        if (status != 0)
            Throw(status);
    }

    private static void Throw(nint status)
    {
        var api = OrtLibrary.Api;
        var code = (ErrorCode)api->GetErrorCode(status);
        var message = Utf8.ToManaged(api->GetErrorMessage(status));
        api->ReleaseStatus(status);
        throw new OnnxRuntimeException(code, message);
    }
}

/// <summary>OrtErrorCode of onnxruntime_c_api.h.</summary>
internal enum ErrorCode
{
    Ok = 0,
    Fail = 1,
    InvalidArgument = 2,
    NoSuchFile = 3,
    NoModel = 4,
    EngineError = 5,
    RuntimeException = 6,
    InvalidProtobuf = 7,
    ModelLoaded = 8,
    NotImplemented = 9,
    InvalidGraph = 10,
    ShapeInferenceNotRegistered = 11,
    RequirementNotRegistered = 12,
}
