using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Settings of the CUDA execution provider.</summary>
public unsafe class OrtCUDAProviderOptions : SafeHandle
{
    public OrtCUDAProviderOptions()
        : base(IntPtr.Zero, ownsHandle: true)
    {
        nint created;
        Status.Check(OrtLibrary.Api->CreateCUDAProviderOptions(&created));
        SetHandle(created);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal nint Pointer => handle;

    public void UpdateOptions(Dictionary<string, string> providerOptions)
    {
        using var pairs = new Utf8Pairs(providerOptions);
        Status.Check(OrtLibrary.Api->UpdateCUDAProviderOptions(handle, pairs.Keys, pairs.Values, pairs.Count));
    }

    protected override bool ReleaseHandle()
    {
        OrtLibrary.Api->ReleaseCUDAProviderOptions(handle);
        handle = IntPtr.Zero;
        return true;
    }
}

/// <summary>Settings of the TensorRT execution provider.</summary>
public unsafe class OrtTensorRTProviderOptions : SafeHandle
{
    public OrtTensorRTProviderOptions()
        : base(IntPtr.Zero, ownsHandle: true)
    {
        nint created;
        Status.Check(OrtLibrary.Api->CreateTensorRTProviderOptions(&created));
        SetHandle(created);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal nint Pointer => handle;

    public void UpdateOptions(Dictionary<string, string> providerOptions)
    {
        using var pairs = new Utf8Pairs(providerOptions);
        Status.Check(OrtLibrary.Api->UpdateTensorRTProviderOptions(handle, pairs.Keys, pairs.Values, pairs.Count));
    }

    protected override bool ReleaseHandle()
    {
        OrtLibrary.Api->ReleaseTensorRTProviderOptions(handle);
        handle = IntPtr.Zero;
        return true;
    }
}
