using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How one call runs. Reusable, also by several calls at once.</summary>
public unsafe class RunOptions : SafeHandle
{
    private readonly OrtApi* _api = OrtLibrary.Api;

    public RunOptions()
        : base(IntPtr.Zero, ownsHandle: true)
    {
        nint created;
        Status.Check(_api->CreateRunOptions(&created));
        SetHandle(created);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    public OrtLoggingLevel LogSeverityLevel
    {
        get;
        set
        {
            Status.Check(_api->RunOptionsSetRunLogSeverityLevel(handle, (int)value));
            field = value;
        }
    } = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    public int LogVerbosityLevel
    {
        get;
        set
        {
            Status.Check(_api->RunOptionsSetRunLogVerbosityLevel(handle, value));
            field = value;
        }
    }

    public string LogId
    {
        get;
        set
        {
            using var tag = new Utf8(value);
            Status.Check(_api->RunOptionsSetRunTag(handle, tag.Pointer));
            field = value;
        }
    } = "";

    /// <summary>True ends the runs under these options with an exception; set it to false before the next.</summary>
    public bool Terminate
    {
        get;
        set
        {
            Status.Check(value ? _api->RunOptionsSetTerminate(handle) : _api->RunOptionsUnsetTerminate(handle));
            field = value;
        }
    }

    internal nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Sets one of ONNX Runtime's named run settings, such as memory.enable_memory_arena_shrinkage.</summary>
    public void AddRunConfigEntry(string configKey, string configValue)
    {
        using var key = new Utf8(configKey);
        using var value = new Utf8(configValue);
        Status.Check(_api->AddRunConfigEntry(handle, key.Pointer, value.Pointer));
    }

    protected override bool ReleaseHandle()
    {
        _api->ReleaseRunOptions(handle);
        handle = IntPtr.Zero;
        return true;
    }
}
