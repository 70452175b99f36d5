using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>A zero-terminated UTF-8 copy of a string, for one native call or for as long as its owner lives.</summary>
internal readonly unsafe struct Utf8(string? text) : IDisposable
{
    public byte* Pointer { get; } = (byte*)Marshal.StringToCoTaskMemUTF8(text);

    public void Dispose() => Marshal.FreeCoTaskMem((nint)Pointer);

    /// <summary>The text of a zero-terminated UTF-8 string that someone else owns; empty for null.</summary>
    public static string ToManaged(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>The text of a string that ONNX Runtime's default allocator gave, which goes back to it.</summary>
    public static string Take(byte* text)
    {
        if (text == null)
            return "";
        var managed = ToManaged(text);
        Status.Check(OrtLibrary.Api->AllocatorFree(OrtAllocator.DefaultInstance.Pointer, text));
        return managed;
    }

    /// <summary>Number of bytes of <paramref name="text"/> in UTF-8 with its final zero.</summary>
    public static int SizeOf(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text) + 1;
}

/// <summary>The keys and values of provider options as two native arrays, for one call.</summary>
internal readonly unsafe struct Utf8Pairs : IDisposable
{
    private readonly byte** _keys;
    private readonly byte** _values;

    public Utf8Pairs(Dictionary<string, string>? pairs)
    {
        Count = (nuint)(pairs?.Count ?? 0);
        _keys = (byte**)NativeMemory.AllocZeroed(Count + 1, (nuint)sizeof(byte*));
        _values = (byte**)NativeMemory.AllocZeroed(Count + 1, (nuint)sizeof(byte*));
        var next = 0;
        foreach (var (key, value) in pairs ?? [])
        {
            _keys[next] = new Utf8(key).Pointer;
            _values[next++] = new Utf8(value).Pointer;
        }
    }

    public nuint Count { get; }

    public byte** Keys => _keys;

    public byte** Values => _values;

    public void Dispose()
    {
        for (nuint i = 0; i < Count; i++)
        {
            Marshal.FreeCoTaskMem((nint)_keys[i]);
            Marshal.FreeCoTaskMem((nint)_values[i]);
        }
        NativeMemory.Free(_keys);
        NativeMemory.Free(_values);
    }
}
