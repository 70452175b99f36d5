using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How a session is made. Each setter acts on the native options at once.</summary>
public unsafe class SessionOptions : SafeHandle
{
    private readonly OrtApi* _api = OrtLibrary.Api;

    public SessionOptions()
        : base(IntPtr.Zero, ownsHandle: true)
    {
        OrtEnv.Instance();
        nint created;
        Status.Check(_api->CreateSessionOptions(&created));
        SetHandle(created);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>Plan one block of memory for all intermediate tensors of a fixed shape. Default true.</summary>
    public bool EnableMemoryPattern
    {
        get;
        set
        {
            Status.Check(value ? _api->EnableMemPattern(handle) : _api->DisableMemPattern(handle));
            field = value;
        }
    } = true;

    /// <summary>Keep freed CPU memory in an arena. Default true.</summary>
    public bool EnableCpuMemArena
    {
        get;
        set
        {
            Status.Check(value ? _api->EnableCpuMemArena(handle) : _api->DisableCpuMemArena(handle));
            field = value;
        }
    } = true;

    /// <summary>Path and first part of the profile's file name. Set before <see cref="EnableProfiling"/>.</summary>
    public string ProfileOutputPathPrefix { get; set; } = "onnxruntime_profile_";

    /// <summary>Write a profile of every operator (Chrome trace JSON). Default false.</summary>
    public bool EnableProfiling
    {
        get;
        set
        {
            using var prefix = new Utf8(ProfileOutputPathPrefix);
            Status.Check(value ? _api->EnableProfiling(handle, prefix.Pointer) : _api->DisableProfiling(handle));
            field = value;
        }
    }

    /// <summary>Where the model is written after graph optimisation. Default: nowhere.</summary>
    public string OptimizedModelFilePath
    {
        get;
        set
        {
            using var path = new Utf8(value);
            Status.Check(_api->SetOptimizedModelFilePath(handle, path.Pointer));
            field = value;
        }
    } = "";

    public string LogId
    {
        get;
        set
        {
            using var id = new Utf8(value);
            Status.Check(_api->SetSessionLogId(handle, id.Pointer));
            field = value;
        }
    } = "";

    public OrtLoggingLevel LogSeverityLevel
    {
        get;
        set
        {
            Status.Check(_api->SetSessionLogSeverityLevel(handle, (int)value));
            field = value;
        }
    } = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    public int LogVerbosityLevel
    {
        get;
        set
        {
            Status.Check(_api->SetSessionLogVerbosityLevel(handle, value));
            field = value;
        }
    }

    /// <summary>Threads within one operator; 0: one per core.</summary>
    public int IntraOpNumThreads
    {
        get;
        set
        {
            Status.Check(_api->SetIntraOpNumThreads(handle, value));
            field = value;
        }
    }

    /// <summary>Threads across operators, in parallel mode; 0: one per core.</summary>
    public int InterOpNumThreads
    {
        get;
        set
        {
            Status.Check(_api->SetInterOpNumThreads(handle, value));
            field = value;
        }
    }

    public GraphOptimizationLevel GraphOptimizationLevel
    {
        get;
        set
        {
            Status.Check(_api->SetSessionGraphOptimizationLevel(handle, (int)value));
            field = value;
        }
    } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    public ExecutionMode ExecutionMode
    {
        get;
        set
        {
            Status.Check(_api->SetSessionExecutionMode(handle, (int)value));
            field = value;
        }
    } = ExecutionMode.ORT_SEQUENTIAL;

    internal nint Pointer => handle;

    /// <summary>Sets one of ONNX Runtime's named settings, such as session.intra_op.allow_spinning.</summary>
    public void AddSessionConfigEntry(string configKey, string configValue)
    {
        using var key = new Utf8(configKey);
        using var value = new Utf8(configValue);
        Status.Check(_api->AddSessionConfigEntry(handle, key.Pointer, value.Pointer));
    }

    /// <summary>Fixes a named free dimension of the model, so that its shapes are known when it loads.</summary>
    public void AddFreeDimensionOverrideByName(string dimName, long dimValue)
    {
        using var name = new Utf8(dimName);
        Status.Check(_api->AddFreeDimensionOverrideByName(handle, name.Pointer, dimValue));
    }

    /// <summary>Adds an execution provider by name, such as XNNPACK; the first added is asked first.</summary>
    /// <exception cref="OnnxRuntimeException">The library was built without it.</exception>
    public void AppendExecutionProvider(string providerName, Dictionary<string, string>? providerOptions = null)
    {
        using var name = new Utf8(providerName);
        using var pairs = new Utf8Pairs(providerOptions);
        Status.Check(_api->SessionOptionsAppendExecutionProvider(
            handle, name.Pointer, pairs.Keys, pairs.Values, pairs.Count));
    }

    /// <summary>Adds the CPU, where it must come before other providers (it always comes last on its own).</summary>
    public void AppendExecutionProvider_CPU(int useArena = 1) =>
        Status.Check(OrtLibrary.AppendCpu(handle, useArena));

    public void AppendExecutionProvider_CUDA(int deviceId = 0)
    {
        using var options = new OrtCUDAProviderOptions();
        options.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{deviceId}" });
        AppendExecutionProvider_CUDA(options);
    }

    public void AppendExecutionProvider_CUDA(OrtCUDAProviderOptions cudaProviderOptions) =>
        Status.Check(_api->SessionOptionsAppendExecutionProvider_CUDA_V2(handle, cudaProviderOptions.Pointer));

    public void AppendExecutionProvider_Tensorrt(int deviceId = 0)
    {
        using var options = new OrtTensorRTProviderOptions();
        options.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{deviceId}" });
        AppendExecutionProvider_Tensorrt(options);
    }

    public void AppendExecutionProvider_Tensorrt(OrtTensorRTProviderOptions trtProviderOptions) =>
        Status.Check(_api->SessionOptionsAppendExecutionProvider_TensorRT_V2(handle, trtProviderOptions.Pointer));

    protected override bool ReleaseHandle()
    {
        _api->ReleaseSessionOptions(handle);
        handle = IntPtr.Zero;
        return true;
    }
}
