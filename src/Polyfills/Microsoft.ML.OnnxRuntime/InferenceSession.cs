using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A loaded model. Runs may overlap; disposing must wait for them.</summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly OrtApi* _api = OrtLibrary.Api;
    private readonly SessionNodes _inputs;
    private readonly SessionNodes _outputs;
    private readonly SessionNodes _initializers;
    private readonly Lazy<ModelMetadata> _metadata;
    private nint _handle;

    /// <summary>Loads a model file with default options.</summary>
    public InferenceSession(string modelPath)
        : this(Load(modelPath, null))
    {
    }

    /// <summary>Loads a model file.</summary>
    /// <exception cref="OnnxRuntimeException">The file is absent or not a model.</exception>
    public InferenceSession(string modelPath, SessionOptions options)
        : this(Load(modelPath, options))
    {
    }

    /// <summary>Loads a model from its bytes with default options.</summary>
    public InferenceSession(byte[] model)
        : this(Load(model, null))
    {
    }

    /// <summary>Loads a model from its bytes, which are not needed afterwards.</summary>
    /// <exception cref="OnnxRuntimeException">The bytes are not a model; the message is ONNX Runtime's.</exception>
    public InferenceSession(byte[] model, SessionOptions options)
        : this(Load(model, options))
    {
    }

    private InferenceSession(nint handle)
    {
        _handle = handle;
        _metadata = new Lazy<ModelMetadata>(() => new ModelMetadata(Handle));
        _inputs = new SessionNodes(
            handle, _api->SessionGetInputCount, _api->SessionGetInputName, _api->SessionGetInputTypeInfo);
        _outputs = new SessionNodes(
            handle, _api->SessionGetOutputCount, _api->SessionGetOutputName, _api->SessionGetOutputTypeInfo);
        _initializers = new SessionNodes(
            handle, _api->SessionGetOverridableInitializerCount, _api->SessionGetOverridableInitializerName,
            _api->SessionGetOverridableInitializerTypeInfo);
    }

    ~InferenceSession() => Release();

    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata => _inputs.Metadata;

    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata => _outputs.Metadata;

    public IReadOnlyDictionary<string, NodeMetadata> OverridableInitializerMetadata => _initializers.Metadata;

    public IReadOnlyList<string> InputNames => _inputs.Names;

    public IReadOnlyList<string> OutputNames => _outputs.Names;

    public ModelMetadata ModelMetadata => _metadata.Value;

    /// <summary>When profiling began, in nanoseconds of ONNX Runtime's clock.</summary>
    public ulong ProfilingStartTimeNs
    {
        get
        {
            ulong start;
            Status.Check(_api->SessionGetProfilingStartTimeNs(Handle, &start));
            return start;
        }
    }

    internal nint Handle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(InferenceSession));
    }

    /// <summary>Runs the model into values that the caller made. Allocates nothing for the model's own names.</summary>
    /// <exception cref="ArgumentException">As many names as values are needed, on either side.</exception>
    /// <exception cref="OnnxRuntimeException">A name, type or shape does not fit the model.</exception>
    public void Run(
        RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames, IReadOnlyCollection<OrtValue> outputValues)
    {
        if (outputNames.Count != outputValues.Count)
            throw new ArgumentException(
                $"{outputNames.Count} output names, {outputValues.Count} values", nameof(outputValues));
        RunCall.CheckCount(outputValues.Count);
        var outputs = stackalloc nint[Math.Max(outputValues.Count, 1)];
        RunCall.Fill(outputValues, outputs);
        Run(runOptions, inputNames, inputValues, outputNames, outputs);
        GC.KeepAlive(outputValues);
    }

    /// <summary>Runs the model into values that ONNX Runtime makes; the caller disposes them.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames)
    {
        RunCall.CheckCount(outputNames.Count);
        var outputs = stackalloc nint[Math.Max(outputNames.Count, 1)];
        new Span<nint>(outputs, outputNames.Count).Clear();
        Run(runOptions, inputNames, inputValues, outputNames, outputs);
        var values = new DisposableList<OrtValue>(outputNames.Count);
        for (var i = 0; i < outputNames.Count; i++)
            values.Add(new OrtValue(outputs[i]));
        return values;
    }

    /// <summary>Runs the model into values that ONNX Runtime makes; the caller disposes them.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        RunOptions runOptions, IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames) =>
        Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputNames);

    /// <summary>Inputs and outputs to bind once for many runs.</summary>
    public OrtIoBinding CreateIoBinding() => new(this);

    /// <summary>Runs the model over bound inputs and outputs. Allocates nothing.</summary>
    public void RunWithBinding(RunOptions runOptions, OrtIoBinding ioBinding)
    {
        Status.Check(_api->RunWithBinding(Handle, runOptions.Pointer, ioBinding.Pointer));
        GC.KeepAlive(this);
        GC.KeepAlive(runOptions);
        GC.KeepAlive(ioBinding);
    }

    /// <summary>Ends profiling, and says which file the profile is in.</summary>
    public string EndProfiling()
    {
        byte* path;
        Status.Check(_api->SessionEndProfiling(Handle, OrtAllocator.DefaultInstance.Pointer, &path));
        return Utf8.Take(path);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Run(
        RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames, nint* outputs)
    {
        if (inputNames.Count != inputValues.Count)
            throw new ArgumentException(
                $"{inputNames.Count} input names, {inputValues.Count} values", nameof(inputValues));
        RunCall.CheckCount(inputValues.Count);
        var inputs = stackalloc nint[Math.Max(inputValues.Count, 1)];
        var inputUtf8 = stackalloc byte*[Math.Max(inputNames.Count, 1)];
        var outputUtf8 = stackalloc byte*[Math.Max(outputNames.Count, 1)];
        RunCall.Fill(inputValues, inputs);
        RunCall.Fill(_inputs, _initializers, inputNames, inputUtf8);
        try
        {
            RunCall.Fill(_outputs, null, outputNames, outputUtf8);
            Status.Check(_api->Run(
                Handle, runOptions.Pointer, inputUtf8, inputs, (nuint)inputValues.Count, outputUtf8,
                (nuint)outputNames.Count, outputs));
        }
        finally
        {
            RunCall.Free(_inputs, _initializers, inputUtf8, inputNames.Count);
            RunCall.Free(_outputs, null, outputUtf8, outputNames.Count);
        }
        GC.KeepAlive(this);
        GC.KeepAlive(runOptions);
        GC.KeepAlive(inputValues);
    }

    private static nint Load(string path, SessionOptions? options)
    {
        using var defaults = options is null ? new SessionOptions() : null;
        using var utf8 = new Utf8(path);
        nint created;
        Status.Check(OrtLibrary.Api->CreateSession(
            OrtEnv.Instance().Pointer, utf8.Pointer, (options ?? defaults!).Pointer, &created));
        GC.KeepAlive(options);
        return created;
    }

    private static nint Load(byte[] model, SessionOptions? options)
    {
        using var defaults = options is null ? new SessionOptions() : null;
        nint created;
        fixed (byte* bytes = model)
            Status.Check(OrtLibrary.Api->CreateSessionFromArray(
                OrtEnv.Instance().Pointer, bytes, (nuint)model.Length, (options ?? defaults!).Pointer, &created));
        GC.KeepAlive(options);
        return created;
    }

    private void Release()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle == 0)
            return;
        _api->ReleaseSession(handle);
        _inputs?.Dispose();
        _outputs?.Dispose();
        _initializers?.Dispose();
    }
}
