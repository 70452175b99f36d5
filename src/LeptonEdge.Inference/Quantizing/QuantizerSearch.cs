using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Finds ranges and layers by building and running int8 models. Deterministic.</summary>
internal sealed class QuantizerSearch(
    PlainModel model, WindowSet windows, QuantizerOptions options, Action<QuantizerProgress> progress,
    CancellationToken cancellation)
{
    private readonly GraphValue _input = model.Inputs[0];
    private readonly string[] _outputs = [.. model.Model.Graph.Output.Select(output => output.Name)];
    private AccuracyJudge? _judge;

    /// <summary>Range of each tensor that may be quantized: by the error on the tensor, then by that on the
    /// output.</summary>
    public Dictionary<string, ActivationRange> Ranges()
    {
        var plan = LayerPlan.Decide(model, new HashSet<string>());
        var roots = plan.Roots.Values.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (roots.Length == 0)
            return [];
        var candidates = Observe(roots);
        var ranges = roots.ToDictionary(root => root, root => candidates[root][0]);
        return Improve(plan, roots, candidates, ranges);
    }

    /// <summary>Noise of each layer alone in int8, by its output's name.</summary>
    public Dictionary<string, double> Sensitivity(IReadOnlyDictionary<string, ActivationRange> ranges)
    {
        var layers = Layers();
        var noise = new Dictionary<string, double>();
        for (var i = 0; i < layers.Length; i++)
        {
            var others = layers.Where((_, other) => other != i).ToHashSet();
            noise[layers[i]] = Noise(LayerPlan.Decide(model, others), ranges);
            progress(new QuantizerProgress("layer by layer", (i + 1d) / layers.Length));
        }

        return noise;
    }

    /// <summary>Names of all layers that may run in int8.</summary>
    public string[] Layers() =>
        [.. model.Order.Where(node => LayerRules.IsLayer(node, model)).Select(node => node.Output[0])];

    private Dictionary<string, ActivationRange[]> Observe(string[] roots)
    {
        // Whatever is not an output yet becomes one, so that ONNX Runtime hands it out.
        var seen = model.Model.Clone();
        foreach (var root in roots.Where(root => root != _input.Name && !model.IsOutput(root)))
            seen.Graph.Output.Add(new ValueInfoProto
            {
                Name = root,
                Type = new TypeProto
                {
                    TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float },
                },
            });
        string[] made = [.. roots.Where(root => root != _input.Name)];
        var samples = roots.ToDictionary(root => root, _ => new TensorSamples());
        using var runner = new ModelRunner(seen, _input, windows.Width);
        if (samples.TryGetValue(_input.Name, out var atInput))
        {
            for (var window = 0; window < windows.Count; window++)
                atInput.Take(windows[window], (long)windows.Count * windows.Width);
        }

        if (made.Length > 0)
        {
            runner.Run(
                windows, made,
                (output, _, count, values) =>
                    samples[made[output]].Take(values, (long)values.Length / count * windows.Count),
                done => Step("calibrating", done));
        }

        return samples.ToDictionary(pair => pair.Key, pair => pair.Value.Candidates());
    }

    private Dictionary<string, ActivationRange> Improve(
        LayerPlan plan, string[] roots, Dictionary<string, ActivationRange[]> candidates,
        Dictionary<string, ActivationRange> ranges)
    {
        var least = Noise(plan, ranges);
        foreach (var method in candidates.Values.SelectMany(all => all).Select(range => range.Method).Distinct()
            .ToArray())
        {
            var alike = roots.ToDictionary(
                root => root, root => candidates[root].FirstOrDefault(range => range.Method == method) is
                { Method: not null } found ? found : candidates[root][0]);
            if (Noise(plan, alike) is var noise && noise < least)
                (least, ranges) = (noise, alike);
        }

        var trials = 0;
        for (var i = 0; i < roots.Length; i++)
        {
            foreach (var candidate in candidates[roots[i]].Where(range => range != ranges[roots[i]]).ToArray())
            {
                if (trials++ >= options.RangeTrialsMax)
                    return ranges;
                var tried = new Dictionary<string, ActivationRange>(ranges) { [roots[i]] = candidate };
                if (Noise(plan, tried) is var noise && noise < least)
                    (least, ranges) = (noise, tried);
            }

            Step("choosing ranges", (i + 1d) / roots.Length);
        }

        return ranges;
    }

    private double Noise(LayerPlan plan, IReadOnlyDictionary<string, ActivationRange> ranges)
    {
        var few = windows.Spread(options.SearchWindowsMax);
        if (_judge is null)
        {
            using var reference = new ModelRunner(model.Model, _input, windows.Width);
            _judge = new AccuracyJudge(
                few with { Labels = null }, Joined(reference.Outputs(few, _outputs)), AccuracyMeasure.Values);
        }

        cancellation.ThrowIfCancellationRequested();
        using var runner = new ModelRunner(
            QdqWriter.Write(model, plan, ranges, options.WeightBits), _input, windows.Width);
        return _judge.Noise(Joined(runner.Outputs(few, _outputs)));
    }

    private void Step(string stage, double share)
    {
        cancellation.ThrowIfCancellationRequested();
        progress(new QuantizerProgress(stage, share));
    }

    private static float[] Joined(float[][] outputs) =>
        outputs.Length == 1 ? outputs[0] : [.. outputs.SelectMany(values => values)];
}
