using System.Runtime.InteropServices;
using System.Text;

namespace LeptonEdge.Benchmarks;

/// <summary>The least that a program needs around ONNX Runtime's C API to run a model over fixed buffers: what a C
/// programmer would write, and what <c>ModelSession</c> is compared with. Float32, one row.</summary>
/// <remarks>Numbers are places in <c>struct OrtApi</c>, onnxruntime_c_api.h.</remarks>
internal sealed unsafe class BareOnnxRuntime
{
    private const int Float32 = 1;

    private readonly nint* _api;
    private readonly nint _session;
    private readonly byte** _inputNames;
    private readonly byte** _outputNames;
    private readonly nint* _inputs = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
    private readonly nint* _outputs = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
    private readonly nint _runOptions;
    private readonly nint _binding;
    private readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> _run;
    private readonly delegate* unmanaged<nint, nint, nint, nint> _runBound;

    public BareOnnxRuntime(byte[] model, string input, string output, int inputWidth, int outputWidth)
    {
        var library = Environment.GetEnvironmentVariable("LEPTON_ONNXRUNTIME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(
                AppContext.BaseDirectory, "runtimes",
                $"linux-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(),
                "native", "libonnxruntime.so");
        var getBase = (delegate* unmanaged<nint*>)NativeLibrary.GetExport(NativeLibrary.Load(library), "OrtGetApiBase");
        _api = ((delegate* unmanaged<uint, nint*>)getBase()[0])(14);
        _inputNames = Names(input);
        _outputNames = Names(output);
        _run = (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_api[9];

        _runBound = (delegate* unmanaged<nint, nint, nint, nint>)_api[133];

        nint env, options, memory, session, runOptions, binding;
        var empty = stackalloc byte[1];
        Check(((delegate* unmanaged<int, byte*, nint*, nint>)_api[3])(3, empty, &env));
        Check(((delegate* unmanaged<nint*, nint>)_api[10])(&options));
        Check(((delegate* unmanaged<nint, int, nint>)_api[24])(options, 1));
        fixed (byte* bytes = model)
            Check(((delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)_api[8])(
                env, bytes, (nuint)model.Length, options, &session));
        Check(((delegate* unmanaged<int, int, nint*, nint>)_api[69])(0, 0, &memory));
        _session = session;
        Input = Buffer(inputWidth);
        Output = Buffer(outputWidth);
        _inputs[0] = Tensor(memory, Input, inputWidth);
        _outputs[0] = Tensor(memory, Output, outputWidth);
        Check(((delegate* unmanaged<nint*, nint>)_api[39])(&runOptions));
        Check(((delegate* unmanaged<nint, nint*, nint>)_api[134])(session, &binding));
        Check(((delegate* unmanaged<nint, byte*, nint, nint>)_api[136])(binding, _inputNames[0], _inputs[0]));
        Check(((delegate* unmanaged<nint, byte*, nint, nint>)_api[137])(binding, _outputNames[0], _outputs[0]));
        (_runOptions, _binding) = (runOptions, binding);
    }

    public float* Input { get; }

    public float* Output { get; }

    /// <summary>OrtRun: names and values with each call.</summary>
    public void Run() => Check(_run(_session, _runOptions, _inputNames, _inputs, 1, _outputNames, 1, _outputs));

    /// <summary>OrtRunWithBinding: names and values bound beforehand.</summary>
    public void RunBound() => Check(_runBound(_session, _runOptions, _binding));

    private nint Tensor(nint memory, float* data, int width)
    {
        nint value;
        var shape = stackalloc long[] { 1, width };
        Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_api[49])(
            memory, data, (nuint)(width * sizeof(float)), shape, 2, Float32, &value));
        return value;
    }

    private void Check(nint status)
    {
        if (status != 0)
            throw new InvalidOperationException(
                Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_api[2])(status)) ?? "no message");
    }

    private static float* Buffer(int width) => (float*)NativeMemory.AllocZeroed((nuint)width, sizeof(float));

    private static byte** Names(string name)
    {
        var names = (byte**)NativeMemory.Alloc((nuint)sizeof(byte*));
        var text = Encoding.UTF8.GetBytes(name + "\0");
        names[0] = (byte*)NativeMemory.Alloc((nuint)text.Length);
        text.CopyTo(new Span<byte>(names[0], text.Length));
        return names;
    }
}
