using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>
/// Makes an int8 model of an fp32 one: pairs of QuantizeLinear and DequantizeLinear, weights symmetric with a scale for
/// each output channel, activations uint8 over ranges from calibration windows.
/// </summary>
/// <remarks>Jacob and others, CVPR 2018; Nagel and others, "A White Paper on Neural Network Quantization" (2021).
/// </remarks>
public static class Quantizer
{
    /// <summary>The input whose windows a model takes.</summary>
    /// <param name="file">The fp32 model.</param>
    /// <param name="folder">The model's folder, where tensors in other files lie.</param>
    /// <exception cref="ModelException">The model is broken.</exception>
    /// <exception cref="QuantizerException">It has several inputs, or one that is not float.</exception>
    public static GraphValue InputOf(byte[] file, string folder)
    {
        var inputs = ModelGraph.Link(ModelCheck.Check(file, folder).Graph).Inputs.ToArray();
        if (inputs is not [{ IsTensor: true, Type.Element: ElementType.Float, Type.Dims.Count: > 0 } input])
            throw new QuantizerException("the model takes " + (inputs.Length == 0 ? "nothing" : string.Join(", ",
                inputs.Select(each => $"'{each.Name}' {each.Type.Element} {each.Type.Shape}"))) + "; only models with "
                + "one float32 input of known rank are quantized");
        return input;
    }

    /// <summary>Quantizes a model.</summary>
    /// <param name="file">The fp32 model.</param>
    /// <param name="folder">The model's folder, where tensors in other files lie.</param>
    /// <param name="calibration">Windows that ranges are taken from.</param>
    /// <param name="evaluation">Windows that accuracy is measured on.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelException">The model is broken.</exception>
    /// <exception cref="QuantizerException">It cannot be quantized, or the windows do not fit.</exception>
    public static QuantizedModel Quantize(
        byte[] file, string folder, WindowSet calibration, WindowSet evaluation, QuantizerOptions options,
        Action<QuantizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        _ = InputOf(file, folder);
        var tell = progress ?? (_ => { });
        var model = new PlainModel(FloatGraph.Plain(file, folder));
        var search = new QuantizerSearch(model, calibration, options, tell, cancellation);
        if (search.Layers().Length == 0)
            throw new QuantizerException("the model has no Conv, Gemm or MatMul whose weights are constant: there is "
                + "nothing to gain from int8");
        var ranges = search.Ranges();
        var noise = search.Sensitivity(ranges);
        var output = model.Model.Graph.Output[0].Name;
        using var reference = new ModelRunner(model.Model, model.Inputs[0], evaluation.Width);
        var judge = new AccuracyJudge(evaluation, reference.Outputs(evaluation, [output])[0], options.Measure);

        var inFloat = new HashSet<string>();
        var costly = new Queue<string>(noise.OrderByDescending(layer => layer.Value)
            .ThenBy(layer => layer.Key, StringComparer.Ordinal).Select(layer => layer.Key));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var plan = LayerPlan.Decide(model, inFloat);
            var written = QdqWriter.Write(model, plan, ranges, options.WeightBits);
            using var runner = new ModelRunner(written, model.Inputs[0], evaluation.Width);
            var answers = runner.Outputs(evaluation, [output])[0];
            var score = judge.Score(answers);
            tell(new QuantizerProgress("measuring accuracy", 1 - ((double)costly.Count / (noise.Count + 1))));
            if (judge.Share(score) < options.ShareWanted && costly.TryDequeue(out var costliest) && costly.Count > 0)
            {
                inFloat.Add(costliest);
                continue;
            }

            var bytes = written.ToByteArray();
            var report = new QuantizerReport(
                judge.Measure, evaluation.Count, judge.Fp32, score, judge.Share(score), judge.Noise(answers),
                file.Length, bytes.Length, Layers(model, plan, ranges, noise, inFloat));
            return new QuantizedModel(bytes, report, report.Share >= options.ShareMin);
        }
    }

    private static LayerReport[] Layers(
        PlainModel model, LayerPlan plan, IReadOnlyDictionary<string, ActivationRange> ranges,
        Dictionary<string, double> noise, HashSet<string> inFloat) =>
        [.. model.Order.Select(node => Layer(node, model, plan, ranges, noise, inFloat))];

    private static LayerReport Layer(
        NodeProto node, PlainModel model, LayerPlan plan, IReadOnlyDictionary<string, ActivationRange> ranges,
        Dictionary<string, double> noise, HashSet<string> inFloat)
    {
        var output = node.Output[0];
        var runs = plan.IsInt8(node) ? "int8" : plan.IsFolded(node) ? "folded" : inFloat.Contains(output)
            ? "float" : "float only";
        var tensor = plan.IsInt8(node) && LayerRules.Landing(node, model) is { Folded: { } folded } landing
            && plan.IsFolded(folded) ? landing.Tensor : output;
        ActivationRange? range = plan.Roots.TryGetValue(tensor, out var root) ? ranges[root] : null;
        return new LayerReport(
            output, node.OpType, runs, range?.Method, range?.Low, range?.High,
            noise.TryGetValue(output, out var found) ? found : null);
    }
}
