using System.Buffers;
using System.Text;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Tensors;

/// <summary>How a model's first dimension may be used for several requests at once.</summary>
public enum RowKind
{
    /// <summary>The shapes have no common first dimension: one request, one run.</summary>
    None,

    /// <summary>The first dimension of every input and output is 1: rows are run one after the other.</summary>
    One,

    /// <summary>The first dimension of every input and output is free.</summary>
    Free,
}

/// <summary>A model with any inputs and outputs, for callers who bring and take whole tensors. Runs may overlap;
/// disposing must wait for them.</summary>
public sealed class TensorModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    private TensorModel(
        InferenceSession session, string provider, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs)
    {
        (_session, Provider, Inputs, Outputs) = (session, provider, inputs, outputs);
        Rows = KindOf(inputs.Concat(outputs));
    }

    /// <summary>Execution provider that is asked first.</summary>
    public string Provider { get; }

    /// <summary>Something else than processor cores runs it.</summary>
    public bool IsOnAccelerator => Provider != ProviderChain.Cpu;

    public IReadOnlyList<TensorSpec> Inputs { get; }

    public IReadOnlyList<TensorSpec> Outputs { get; }

    public RowKind Rows { get; }

    /// <summary>Loads a model from its bytes, which are not needed afterwards.</summary>
    /// <exception cref="InvalidDataException">Not a model, or one whose tensors the protocol cannot carry.</exception>
    public static TensorModel Open(byte[] model, ModelSessionOptions options)
    {
        options.Validate();
        InferenceSession? session = null;
        try
        {
            (session, var provider, _) = ProviderChain.Open(model, options);
            var (inputs, outputs) = Describe(session);
            return new TensorModel(session, provider, inputs, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Loads a model of a bundle.</summary>
    /// <exception cref="ModelBundleException">The file is not the model that the manifest describes.</exception>
    public static TensorModel Open(ModelBundle bundle, ModelSessionOptions options)
    {
        var manifest = bundle.Manifest;
        var variant = manifest.Files.ContainsKey(options.Variant) ? options.Variant : manifest.Files.Keys.First();
        TensorModel? model = null;
        try
        {
            model = Open(bundle.ReadModel(variant), options);
            var faults = BundleShapes.FaultsOf(manifest, variant, model.Inputs, model.Outputs);
            return faults.Count == 0
                ? model
                : throw new ModelBundleException(
                    bundle.Folder, [.. faults.Select(fault => $"{manifest.Files[variant].FileName}: {fault}")]);
        }
        catch (InvalidDataException e)
        {
            throw new ModelBundleException(bundle.Folder, [$"{manifest.Files[variant].FileName}: {e.Message}"], e);
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <summary>Loads a model file that stands alone, without a manifest.</summary>
    /// <exception cref="InvalidDataException">Not a model that may be loaded.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TensorModel Open(string file, ModelSessionOptions options)
    {
        var bytes = new FileInfo(file).Length;
        if (bytes > ModelManifest.ModelBytesMax)
            throw new InvalidDataException($"has {bytes} bytes; at most {ModelManifest.ModelBytesMax}");
        var model = File.ReadAllBytes(file);
        return ModelCheck.FindFault(model) is { } fault ? throw new InvalidDataException(fault) : Open(model, options);
    }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">One for each of <see cref="Inputs"/>, in any order, their types and sizes checked.</param>
    /// <param name="outputs">Names among <see cref="Outputs"/>.</param>
    /// <exception cref="TensorRunException">The model does not take these inputs, or failed on them.</exception>
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        var names = new string[inputs.Count];
        var values = new OrtValue[inputs.Count];
        var pins = new MemoryHandle[inputs.Count];
        try
        {
            for (var i = 0; i < inputs.Count; i++)
                (names[i], values[i]) = (inputs[i].Name, ToValue(inputs[i], ref pins[i]));
            using var results = _session.Run(_runOptions, names, values, outputs);
            var tensors = new Tensor[results.Count];
            for (var i = 0; i < tensors.Length; i++)
                tensors[i] = FromValue(outputs[i], results[i]);
            return tensors;
        }
        catch (OnnxRuntimeException e)
        {
            throw new TensorRunException(e.Message, e);
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
            foreach (var pin in pins)
                pin.Dispose();
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    /// <summary>What a loaded model takes and gives.</summary>
    /// <exception cref="InvalidDataException">A tensor that the protocol cannot carry.</exception>
    internal static (IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs) Describe(
        InferenceSession session) =>
        (Describe(session.InputNames, session.InputMetadata, "input"),
            Describe(session.OutputNames, session.OutputMetadata, "output"));

    private static IReadOnlyList<TensorSpec> Describe(
        IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> nodes, string side) =>
    [
        .. names.Select(name =>
        {
            var node = nodes[name];
            var type = node.IsTensor ? TensorTypes.FromOnnx(node.ElementDataType) : null;
            return type is { } known
                ? new TensorSpec(name, known, Array.ConvertAll(node.Dimensions, dimension => (long)dimension))
                : throw new InvalidDataException(
                    $"{side} '{name}' is {(node.IsTensor ? node.ElementDataType : node.OnnxValueType)}, "
                    + "which no client can send or read");
        }),
    ];

    private static RowKind KindOf(IEnumerable<TensorSpec> specs)
    {
        var kind = RowKind.Free;
        foreach (var spec in specs)
        {
            var own = spec.Shape switch
            {
                [-1, ..] => RowKind.Free,
                [1, _, ..] => RowKind.One,
                _ => RowKind.None,
            };
            kind = own < kind ? own : kind;
        }

        return kind;
    }

    private static unsafe OrtValue ToValue(Tensor tensor, ref MemoryHandle pin)
    {
        if (tensor.Type == TensorType.Bytes)
            return ToStrings(tensor);
        pin = tensor.Data.Pin();
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, tensor.Type.ToOnnx(), tensor.Shape, (nint)pin.Pointer, tensor.Data.Length);
    }

    private static OrtValue ToStrings(Tensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        try
        {
            for (var i = 0; i < tensor.Strings.Count; i++)
                value.StringTensorSetElementAt(Encoding.UTF8.GetString(tensor.Strings[i].Span), i);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private static Tensor FromValue(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var type = TensorTypes.FromOnnx(info.ElementDataType)
            ?? throw new TensorRunException($"output '{name}' came as {info.ElementDataType}", null);
        if (type != TensorType.Bytes)
        {
            return new Tensor
            {
                Name = name, Type = type, Shape = info.Shape, Data = value.GetTensorMutableRawData().ToArray(),
            };
        }

        var strings = new ReadOnlyMemory<byte>[info.ElementCount];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = Encoding.UTF8.GetBytes(value.GetStringElement(i));
        return new Tensor { Name = name, Type = type, Shape = info.Shape, Strings = strings };
    }
}

/// <summary>A model did not take its inputs, or failed on them; the message is ONNX Runtime's.</summary>
public sealed class TensorRunException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>The inputs were at fault, not the model.</summary>
    public bool IsBadInput => Message.Contains("[ErrorCode:InvalidArgument]", StringComparison.Ordinal);
}
