using LeptonEdge.Inference.Bundles;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Inference.Sessions;

/// <summary>A model in memory, its shapes checked against the manifest.</summary>
internal sealed class LoadedModel : IDisposable
{
    private LoadedModel(
        ModelManifest manifest, ModelVariant variant, InferenceSession session, string provider,
        IReadOnlyList<string> passedOver, int rowsMax)
    {
        Manifest = manifest;
        Variant = variant;
        Session = session;
        Provider = provider;
        PassedOver = passedOver;
        RowsMax = rowsMax;
    }

    public ModelManifest Manifest { get; }

    public ModelVariant Variant { get; }

    public InferenceSession Session { get; }

    public string Provider { get; }

    public IReadOnlyList<string> PassedOver { get; }

    /// <summary>Rows that one run takes at most: 1 where the model fixes the number.</summary>
    public int RowsMax { get; }

    /// <summary>Runs change nothing in these options, so that all sessions share them.</summary>
    public RunOptions RunOptions { get; } = new();

    /// <exception cref="ModelBundleException">The file is not the model that the manifest describes.</exception>
    public static LoadedModel Open(ModelBundle bundle, ModelSessionOptions options)
    {
        options.Validate();
        var manifest = bundle.Manifest;
        if (manifest.Stage is { } stage)
            throw new ModelBundleException(
                bundle.Folder, [$"{ModelBundle.ManifestName}: stage: this is stage {stage.Index} of {stage.Whole}, "
                    + "which gives no verdict by itself; use both stages, or the whole model"]);
        var variant = manifest.Files.ContainsKey(options.Variant) ? options.Variant : manifest.Files.Keys.First();
        var fileName = manifest.Files[variant].FileName;
        try
        {
            var (session, provider, passedOver) = ProviderChain.Open(bundle.ReadModel(variant), options);
            var faults = new List<string>();
            var freeRows = Check(session.InputMetadata, manifest.Input, "input", fileName, faults)
                & Check(session.OutputMetadata, manifest.Output, "output", fileName, faults);
            foreach (var other in session.InputNames.Where(name => name != manifest.Input.Name))
                faults.Add($"{fileName}: has an input '{other}' that the manifest does not name");
            if (faults.Count > 0)
            {
                session.Dispose();
                throw new ModelBundleException(bundle.Folder, faults);
            }

            return new LoadedModel(manifest, variant, session, provider, passedOver, freeRows ? options.RowsMax : 1);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelBundleException(bundle.Folder, [$"{fileName}: {e.Message}"], e);
        }
    }

    public void Dispose()
    {
        Session.Dispose();
        RunOptions.Dispose();
    }

    /// <summary>Whether the number of rows is free.</summary>
    private static bool Check(
        IReadOnlyDictionary<string, NodeMetadata> nodes, ModelTensor expected, string side, string fileName,
        List<string> faults)
    {
        if (!nodes.TryGetValue(expected.Name, out var node))
        {
            faults.Add($"{fileName}: has no {side} '{expected.Name}', only {string.Join(", ", nodes.Keys)}");
            return false;
        }

        if (!node.IsTensor || node.ElementDataType != TensorElementType.Float)
        {
            faults.Add($"{fileName}: {side} '{expected.Name}' is not a float32 tensor");
            return false;
        }

        // A free width is as good as the right one: ONNX Runtime checks it on the first run.
        if (node.Dimensions is not [1 or -1, var width] || (width != expected.Width && width != -1))
            faults.Add($"{fileName}: {side} '{expected.Name}' has shape [{string.Join(", ", node.Dimensions)}], "
                + $"the manifest says [1, {expected.Width}]");
        return node.Dimensions is [-1, ..];
    }
}
