using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Where memory lies: device, allocator, purpose.</summary>
public sealed unsafe class OrtMemoryInfo : SafeHandle
{
    private static readonly Lazy<OrtMemoryInfo> s_default = new(CreateDefault);

    /// <param name="allocatorName">Device name, such as Cpu.</param>
    /// <param name="allocatorType">Allocator.</param>
    /// <param name="deviceId">Device number.</param>
    /// <param name="memoryType">Purpose.</param>
    public OrtMemoryInfo(string allocatorName, OrtAllocatorType allocatorType, int deviceId, OrtMemType memoryType)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        using var name = new Utf8(allocatorName);
        nint created;
        Status.Check(OrtLibrary.Api->CreateMemoryInfo(
            name.Pointer, (int)allocatorType, deviceId, (int)memoryType, &created));
        SetHandle(created);
    }

    private OrtMemoryInfo(nint created)
        : base(IntPtr.Zero, ownsHandle: true) => SetHandle(created);

    /// <summary>Ordinary memory of the process.</summary>
    public static OrtMemoryInfo DefaultInstance => s_default.Value;

    public override bool IsInvalid => handle == IntPtr.Zero;

    public string Name
    {
        get
        {
            byte* name;
            Status.Check(OrtLibrary.Api->MemoryInfoGetName(handle, &name));
            return Utf8.ToManaged(name);
        }
    }

    public int Id
    {
        get
        {
            int id;
            Status.Check(OrtLibrary.Api->MemoryInfoGetId(handle, &id));
            return id;
        }
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        OrtLibrary.Api->ReleaseMemoryInfo(handle);
        handle = IntPtr.Zero;
        return true;
    }

    private static OrtMemoryInfo CreateDefault()
    {
        nint created;
        Status.Check(OrtLibrary.Api->CreateCpuMemoryInfo(
            (int)OrtAllocatorType.DeviceAllocator, (int)OrtMemType.Default, &created));
        return new OrtMemoryInfo(created);
    }
}

/// <summary>Gives memory to tensors.</summary>
public sealed unsafe class OrtAllocator : SafeHandle
{
    private static readonly Lazy<OrtAllocator> s_default = new(CreateDefault);

    private OrtAllocator(nint shared)
        : base(IntPtr.Zero, ownsHandle: false) => SetHandle(shared);

    /// <summary>The library's own CPU allocator.</summary>
    public static OrtAllocator DefaultInstance => s_default.Value;

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal nint Pointer => handle;

    // The default allocator belongs to the library.
    protected override bool ReleaseHandle() => true;

    private static OrtAllocator CreateDefault()
    {
        nint shared;
        Status.Check(OrtLibrary.Api->GetAllocatorWithDefaultOptions(&shared));
        return new OrtAllocator(shared);
    }
}
