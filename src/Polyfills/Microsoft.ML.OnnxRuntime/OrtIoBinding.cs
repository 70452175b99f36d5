using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Inputs and outputs of a session bound once, for many runs over the same memory.</summary>
public unsafe class OrtIoBinding : SafeHandle
{
    private readonly OrtApi* _api = OrtLibrary.Api;

    internal OrtIoBinding(InferenceSession session)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        nint created;
        Status.Check(_api->CreateIoBinding(session.Handle, &created));
        SetHandle(created);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Binds an input to a value, which must outlive the binding.</summary>
    public void BindInput(string name, OrtValue ortValue)
    {
        using var utf8 = new Utf8(name);
        Status.Check(_api->BindInput(Pointer, utf8.Pointer, ortValue.Handle));
    }

    /// <summary>Binds an output to a value that receives it on each run, and must outlive the binding.</summary>
    public void BindOutput(string name, OrtValue ortValue)
    {
        using var utf8 = new Utf8(name);
        Status.Check(_api->BindOutput(Pointer, utf8.Pointer, ortValue.Handle));
    }

    /// <summary>Waits until inputs that were copied to a device have arrived. Nothing to do on the CPU.</summary>
    public void SynchronizeBoundInputs() => Status.Check(_api->SynchronizeBoundInputs(Pointer));

    /// <summary>Waits until outputs that are copied from a device have arrived. Nothing to do on the CPU.</summary>
    public void SynchronizeBoundOutputs() => Status.Check(_api->SynchronizeBoundOutputs(Pointer));

    /// <summary>The bound outputs in the order of binding; the caller disposes them.</summary>
    public IDisposableReadOnlyCollection<OrtValue> GetOutputValues()
    {
        var allocator = OrtAllocator.DefaultInstance.Pointer;
        nint* values;
        nuint count;
        Status.Check(_api->GetBoundOutputValues(Pointer, allocator, &values, &count));
        var outputs = new DisposableList<OrtValue>((int)count);
        for (nuint i = 0; i < count; i++)
            outputs.Add(new OrtValue(values[i]));
        if (values != null)
            Status.Check(_api->AllocatorFree(allocator, values));
        return outputs;
    }

    public void ClearBoundInputs() => _api->ClearBoundInputs(Pointer);

    public void ClearBoundOutputs() => _api->ClearBoundOutputs(Pointer);

    protected override bool ReleaseHandle()
    {
        _api->ReleaseIoBinding(handle);
        handle = IntPtr.Zero;
        return true;
    }
}
