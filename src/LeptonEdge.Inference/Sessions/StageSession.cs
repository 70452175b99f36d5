using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Sessions;

/// <summary>
/// The first stage of a split model on the device: write <see cref="Input"/>, <see cref="Run"/>, send
/// <see cref="Outputs"/>. The buffers are bound to ONNX Runtime once, so a run allocates nothing. One thread at a time.
/// </summary>
public sealed class StageSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _values = [];
    private readonly byte[] _input;

    private StageSession(
        ModelBundle bundle, ModelVariant variant, InferenceSession session, string provider,
        IReadOnlyList<string> passedOver)
    {
        (Manifest, Variant, Provider, ProvidersPassedOver) = (bundle.Manifest, variant, provider, passedOver);
        _session = session;
        _binding = session.CreateIoBinding();
        _input = Buffer(Manifest.Input.Width * sizeof(float));
        _binding.BindInput(Manifest.Input.Name, Value(_input, TensorType.Float32, [1, Manifest.Input.Width]));
        Outputs = [.. Stage.Cut[variant].Select(Bind)];
    }

    public ModelManifest Manifest { get; }

    /// <summary>The variant that is loaded; not the wished one where the bundle lacks it.</summary>
    public ModelVariant Variant { get; }

    /// <summary>The execution provider that is asked first.</summary>
    public string Provider { get; }

    /// <summary>A sentence for each wished execution provider that could not be used.</summary>
    public IReadOnlyList<string> ProvidersPassedOver { get; }

    public ModelStage Stage => Manifest.Stage!;

    /// <summary>The bundle that holds the other half.</summary>
    public ModelReference Second => ModelStage.NameOf(Stage.Whole, 2);

    /// <summary>What the transforms make of a window, shape (N,).</summary>
    public Span<float> Input => MemoryMarshal.Cast<byte, float>(_input.AsSpan());

    /// <summary>What the second stage takes: the names, types and shapes of one row, and the last run's elements in
    /// memory that the next run writes again.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>Bytes of all outputs.</summary>
    public long OutputBytes => Outputs.Sum(output => (long)output.Data.Length);

    /// <summary>Loads a first stage and runs it once on zeros.</summary>
    /// <exception cref="ModelBundleException">It is not a first stage, not the one that the manifest describes, or does
    /// not run.</exception>
    public static StageSession Open(ModelBundle bundle, ModelSessionOptions options)
    {
        options.Validate();
        if (bundle.Manifest.Stage is not { Index: 1 } stage)
            throw new ModelBundleException(
                bundle.Folder, [$"{ModelBundle.ManifestName}: stage.index: is not 1; only a first stage runs here"]);
        var variant = bundle.Manifest.Files.ContainsKey(options.Variant)
            ? options.Variant : stage.Cut.Keys.First();
        var fileName = bundle.Manifest.Files[variant].FileName;
        InferenceSession? session = null;
        StageSession? opened = null;
        try
        {
            (session, var provider, var passedOver) = ProviderChain.Open(bundle.ReadModel(variant), options);
            var (inputs, outputs) = TensorModel.Describe(session);
            if (BundleShapes.FaultsOf(bundle.Manifest, variant, inputs, outputs) is { Count: > 0 } faults)
                throw new ModelBundleException(bundle.Folder, [.. faults.Select(fault => $"{fileName}: {fault}")]);
            opened = new StageSession(bundle, variant, session, provider, passedOver);
            opened.Run();
            return opened;
        }
        catch (Exception e)
        {
            (opened ?? (IDisposable?)session)?.Dispose();
            if (e is OnnxRuntimeException or InvalidDataException)
                throw new ModelBundleException(bundle.Folder, [$"{fileName}: does not run: {e.Message}"], e);
            throw;
        }
    }

    /// <summary>Runs <see cref="Input"/> into <see cref="Outputs"/>.</summary>
    /// <exception cref="OnnxRuntimeException">The model failed, in ONNX Runtime's words.</exception>
    public void Run() => _session.RunWithBinding(_runOptions, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var value in _values)
            value.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
    }

    private Tensor Bind(TensorSpec spec)
    {
        long[] shape = [.. spec.Shape.Select(dim => Math.Max(dim, 1))];
        var isInput = spec.Name == Manifest.Input.Name;
        var buffer = isInput ? _input : Buffer((int)ModelStage.BytesOf([spec]));
        if (!isInput)
            _binding.BindOutput(spec.Name, Value(buffer, spec.Type, shape));
        return new Tensor { Name = spec.Name, Type = spec.Type, Shape = shape, Data = buffer };
    }

    // Pinned for life: ONNX Runtime keeps the address.
    private static byte[] Buffer(int bytes) => GC.AllocateArray<byte>(bytes, pinned: true);

    private unsafe OrtValue Value(byte[] buffer, TensorType type, long[] shape)
    {
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer));
        var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, type.ToOnnx(), shape, address, buffer.Length);
        _values.Add(value);
        return value;
    }
}
