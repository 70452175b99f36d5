using LeptonEdge.Inference;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Models;

/// <summary>Loads a model, proves it and measures it.</summary>
internal static class ModelLoader
{
    /// <summary>The file name of a model without a manifest.</summary>
    public const string BareName = "model.onnx";

    private const int WarmUpRuns = 10;
    private const int ProbeRuns = 60;
    private const int ProbeRows = 16;

    // Of a model that takes no zeros, until runs say better.
    private const double UnknownSeconds = 0.001;

    /// <param name="folder">NAME/VERSION/ of the models folder.</param>
    /// <exception cref="ModelBundleException">The bundle cannot be used.</exception>
    /// <exception cref="InvalidDataException">The bare model cannot be used.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ServedModel Load(
        string name, string version, string folder, ServingOptions options, TimeProvider clock)
    {
        if (!File.Exists(Path.Combine(folder, ModelBundle.ManifestName)))
        {
            var bare = TensorModel.Open(Path.Combine(folder, BareName), new ModelSessionOptions());
            return Prove(name, version, BareName, null, bare, options, clock);
        }

        var bundle = ModelBundle.Load(folder);
        var session = new ModelSessionOptions { Variant = bundle.Manifest.Stage?.Variant ?? options.Variant };
        var (reference, file) = (bundle.Reference, bundle.Manifest.Files.GetValueOrDefault(session.Variant));
        if (reference.Name != name || reference.Version != version)
            throw new ModelBundleException(
                folder, [$"{ModelBundle.ManifestName}: states {reference}, the folder says {name}/{version}"]);
        var model = TensorModel.Open(bundle, session);
        var fileName = (file ?? bundle.Manifest.Files.Values.First()).FileName;
        return Prove(name, version, fileName, bundle.Manifest, model, options, clock);
    }

    private static ServedModel Prove(
        string name, string version, string fileName, ModelManifest? manifest, TensorModel model,
        ServingOptions options, TimeProvider clock)
    {
        try
        {
            var cost = Measure(model, manifest, fileName, clock);
            return new ServedModel(name, version, fileName, manifest, model, cost, options.RowsMax);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static RunCost Measure(TensorModel model, ModelManifest? manifest, string fileName, TimeProvider clock)
    {
        string[] outputs = [.. model.Outputs.Select(output => output.Name)];
        try
        {
            var answer = model.Run(Zeros(model, 1), outputs);
            if (manifest is not null && !IsFinite(answer))
                throw new InvalidDataException(
                    $"{fileName}: its answer to zeros is not finite: its weights are broken");
        }
        catch (TensorRunException e)
        {
            return manifest is null
                ? new RunCost(UnknownSeconds, UnknownSeconds, 2 * UnknownSeconds)
                : throw new InvalidDataException($"{fileName}: does not run: {e.Message}", e);
        }

        var single = Time(model, Zeros(model, 1), outputs, clock);
        var mean = single.Average();
        if (model.Rows != RowKind.Free)
            return new RunCost(model.Rows == RowKind.One ? 0 : mean, model.Rows == RowKind.One ? mean : 0, single[^2]);
        var many = Time(model, Zeros(model, ProbeRows), outputs, clock)[ProbeRuns / 2];
        var row = Math.Clamp((many - single[ProbeRuns / 2]) / (ProbeRows - 1), mean / ProbeRows, mean);
        return new RunCost(mean - row, row, single[^2]);
    }

    /// <returns>Seconds of each run, in rising order.</returns>
    private static double[] Time(TensorModel model, Tensor[] inputs, string[] outputs, TimeProvider clock)
    {
        var seconds = new double[ProbeRuns];
        for (var i = -WarmUpRuns; i < seconds.Length; i++)
        {
            var start = clock.GetTimestamp();
            model.Run(inputs, outputs);
            if (i >= 0)
                seconds[i] = clock.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds;
    }

    private static Tensor[] Zeros(TensorModel model, int rows) =>
    [
        .. model.Inputs.Select(spec =>
        {
            var shape = spec.Shape.Select((dimension, i) => dimension >= 0 ? dimension : i == 0 ? rows : 1).ToArray();
            var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
            return new Tensor
            {
                Name = spec.Name,
                Type = spec.Type,
                Shape = shape,
                Data = new byte[count * spec.Type.ElementBytes()],
                Strings = spec.Type == TensorType.Bytes ? new ReadOnlyMemory<byte>[count] : [],
            };
        }),
    ];

    private static bool IsFinite(Tensor[] answer) => answer.All(tensor => tensor.Type != TensorType.Float32
        || FiniteValues.FirstNonFinite(
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Data.Span)) < 0);
}
