using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A tensor: over the caller's memory, or over memory of ONNX Runtime. Dispose to unpin or free it.</summary>
public sealed unsafe class OrtValue : IDisposable
{
    private readonly OrtApi* _api = OrtLibrary.Api;
    private readonly byte* _data;
    private readonly long _elementCount;
    private readonly TensorElementType _elementType;
    private MemoryHandle _pin;
    private nint _handle;

    /// <summary>Takes over <paramref name="handle"/>, and the pin under its memory where there is one.</summary>
    internal OrtValue(nint handle, MemoryHandle pin = default)
    {
        _handle = handle;
        _pin = pin;
        int kind;
        Status.Check(_api->GetValueType(handle, &kind));
        OnnxType = (OnnxValueType)kind;
        if (!IsTensor)
            return;
        var shape = GetTensorTypeAndShape();
        (_elementType, _elementCount) = (shape.ElementDataType, shape.ElementCount);
        if (shape.IsString)
            return;
        // A tensor's memory never moves: asked for once, the spans below cost no native call.
        void* data;
        Status.Check(_api->GetTensorMutableData(handle, &data));
        _data = (byte*)data;
    }

    ~OrtValue() => Release();

    /// <summary>What kind of value this is.</summary>
    public OnnxValueType OnnxType { get; }

    public bool IsTensor => OnnxType == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(OrtValue));
    }

    /// <summary>A tensor over native memory of the caller's, which must outlive it.</summary>
    public static OrtValue CreateTensorValueWithData(
        OrtMemoryInfo memInfo, TensorElementType elementType, long[] shape, IntPtr dataBufferPtr,
        long bufferLengthInBytes) =>
        new(Create(memInfo, (void*)dataBufferPtr, (nuint)bufferLengthInBytes, elementType, shape));

    /// <summary>A tensor over the caller's memory, which stays pinned until the tensor is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">The shape needs more elements than the memory holds.</exception>
    public static OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape)
        where T : unmanaged
    {
        var elementType = ElementTypes.Of(typeof(T));
        var pin = memory.Pin();
        try
        {
            var bytes = (nuint)memory.Length * (nuint)sizeof(T);
            return new OrtValue(Create(memoryInfo, pin.Pointer, bytes, elementType, shape), pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>A tensor over the caller's array, which stays pinned until the tensor is disposed.</summary>
    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape)
        where T : unmanaged =>
        CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, data.AsMemory(), shape);

    /// <summary>A tensor over memory of the allocator's, not cleared.</summary>
    public static OrtValue CreateAllocatedTensorValue(
        OrtAllocator allocator, TensorElementType elementType, long[] shape)
    {
        nint created;
        fixed (long* dimensions = shape)
            Status.Check(OrtLibrary.Api->CreateTensorAsOrtValue(
                allocator.Pointer, dimensions, (nuint)shape.Length, (int)elementType, &created));
        return new OrtValue(created);
    }

    /// <summary>A tensor of empty strings, to be filled element by element.</summary>
    public static OrtValue CreateTensorWithEmptyStrings(OrtAllocator allocator, long[] shape) =>
        CreateAllocatedTensorValue(allocator, TensorElementType.String, shape);

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="OnnxRuntimeException">Not a tensor of <typeparamref name="T"/>.</exception>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>()
        where T : unmanaged => GetTensorMutableDataAsSpan<T>();

    /// <summary>The elements in row-major order, writable.</summary>
    /// <exception cref="OnnxRuntimeException">Not a tensor of <typeparamref name="T"/>.</exception>
    public Span<T> GetTensorMutableDataAsSpan<T>()
        where T : unmanaged
    {
        _ = Handle;
        if (!IsTensor || ElementTypes.Of(typeof(T)) != _elementType)
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument, $"asked for elements of {typeof(T).Name}, the value holds {_elementType}");
        return new Span<T>(_data, checked((int)_elementCount));
    }

    /// <summary>The elements as bytes, writable.</summary>
    public Span<byte> GetTensorMutableRawData()
    {
        _ = Handle;
        if (!IsTensor || _elementType == TensorElementType.String)
            throw new OnnxRuntimeException(ErrorCode.NotImplemented, "only numeric tensors have raw data");
        return new Span<byte>(_data, checked((int)(_elementCount * ElementTypes.SizeOf(_elementType))));
    }

    /// <summary>Element type and shape.</summary>
    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        nint info;
        Status.Check(_api->GetTensorTypeAndShape(Handle, &info));
        try
        {
            return new OrtTensorTypeAndShapeInfo(info);
        }
        finally
        {
            _api->ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    /// <summary>Sets one element of a string tensor.</summary>
    public void StringTensorSetElementAt(ReadOnlySpan<char> str, int index)
    {
        var bytes = new byte[Utf8.SizeOf(str)];
        Encoding.UTF8.GetBytes(str, bytes);
        fixed (byte* text = bytes)
            Status.Check(_api->FillStringTensorElement(Handle, text, (nuint)index));
    }

    /// <summary>One element of a string tensor.</summary>
    public string GetStringElement(int index)
    {
        nuint length;
        Status.Check(_api->GetStringTensorElementLength(Handle, (nuint)index, &length));
        var bytes = new byte[length];
        fixed (byte* text = bytes)
            Status.Check(_api->GetStringTensorElement(Handle, length, (nuint)index, text));
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>All elements of a string tensor, in row-major order.</summary>
    public string[] GetStringTensorAsArray()
    {
        var strings = new string[_elementCount];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = GetStringElement(i);
        return strings;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private static nint Create(
        OrtMemoryInfo memory, void* data, nuint bytes, TensorElementType elementType, long[] shape)
    {
        nint created;
        fixed (long* dimensions = shape)
            Status.Check(OrtLibrary.Api->CreateTensorWithDataAsOrtValue(
                memory.Pointer, data, bytes, dimensions, (nuint)shape.Length, (int)elementType, &created));
        return created;
    }

    private void Release()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle == 0)
            return;
        _api->ReleaseValue(handle);
        _pin.Dispose();
    }
}
