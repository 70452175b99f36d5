namespace LeptonEdge.Core.Signals;

/// <summary>Lays out stages from their specifications and gathers every fault on the way.</summary>
internal static class StageBuilder
{
    private const int TransformsMax = 64;
    private const int DepthMax = 4;

    /// <summary>Null once any transform of the chain is at fault.</summary>
    public static TransformChain? BuildChain(
        IReadOnlyList<TransformSpec> specs, SignalShape input, string path, List<string> faults, int depth)
    {
        if (specs.Count > TransformsMax)
        {
            faults.Add($"{path}: {specs.Count} transforms; use at most {TransformsMax}");
            return null;
        }

        var stages = new List<Stage>(specs.Count);
        var shape = input;
        var faultsBefore = faults.Count;
        for (var i = 0; i < specs.Count; i++)
        {
            if (Build(new CheckedSpec(specs[i], $"{path}[{i}]", faults), shape, depth) is { } stage)
            {
                stages.Add(stage);
                shape = stage.Output;
            }
            else if (!KeepsShape(specs[i].Kind))
            {
                // What this one would hand on is unknown: faults found after it would only mislead.
                break;
            }
        }

        return faults.Count == faultsBefore ? new TransformChain(input.Length, [.. stages]) : null;
    }

    private static bool KeepsShape(string kind) => kind is TransformKinds.Detrend or TransformKinds.Window
        or TransformKinds.Log or TransformKinds.Standardise or TransformKinds.RmsNormalise
        or TransformKinds.RobustNormalise or TransformKinds.Envelope;

    private static Stage? Build(CheckedSpec spec, SignalShape shape, int depth) => spec.Kind switch
    {
        TransformKinds.Detrend => Detrend(spec, shape),
        TransformKinds.Window => Window(spec, shape),
        TransformKinds.RfftMagnitude => RfftMagnitude(spec, shape),
        TransformKinds.Log => Log(spec, shape),
        TransformKinds.Standardise => Standardise(spec, shape),
        TransformKinds.RmsNormalise => RmsNormalise(spec, shape),
        TransformKinds.RobustNormalise => RobustNormalise(spec, shape),
        TransformKinds.Take => Take(spec, shape),
        TransformKinds.Envelope => Envelope(spec, shape),
        TransformKinds.MeanPool => MeanPool(spec, shape),
        TransformKinds.Concat => Concat(spec, shape, depth),
        _ => spec.UnknownKind(),
    };

    private static DetrendStage? Detrend(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("order");
        var order = spec.Integer("order", spec.Value.Order ?? 0, 0, 1);
        return order is null ? null : new DetrendStage(shape, order.Value);
    }

    private static WindowStage? Window(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("function");
        if (spec.Value.Function != "hann")
            return spec.Fault<WindowStage>("function", $"'{spec.Value.Function}' is not known; use hann");
        var factors = WindowStage.Hann(shape.Length);
        var gain = shape.CoherentGain * factors.Average(factor => (double)factor);
        return new WindowStage(shape with { CoherentGain = gain }, factors);
    }

    private static RfftMagnitudeStage? RfftMagnitude(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields();
        return PowerOfTwo(spec, shape) ? new RfftMagnitudeStage(shape) : null;
    }

    private static LogStage? Log(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("epsilon");
        var epsilon = spec.Number("epsilon", spec.Value.Epsilon, above: 0, max: 1e6);
        return epsilon is null ? null : new LogStage(shape, (float)epsilon.Value);
    }

    private static StandardiseStage? Standardise(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("mean", "scale");
        var mean = spec.Values("mean", spec.Value.Mean, shape.Length);
        var scale = spec.Values("scale", spec.Value.Scale, shape.Length);
        if (scale is not null && scale.Any(s => !(s > 0)))
            return spec.Fault<StandardiseStage>("scale",
                $"holds {scale.First(s => !(s > 0))}; every value must be above 0");
        return mean is null || scale is null
            ? null
            : new StandardiseStage(shape, mean, Array.ConvertAll(scale, s => 1 / s));
    }

    private static RmsNormaliseStage? RmsNormalise(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("epsilon");
        var epsilon = spec.Number("epsilon", spec.Value.Epsilon ?? 1e-9, above: 0, max: 1e6);
        return epsilon is null ? null : new RmsNormaliseStage(shape, epsilon.Value);
    }

    private static RobustNormaliseStage? RobustNormalise(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("epsilon", "limit");
        var epsilon = spec.Number("epsilon", spec.Value.Epsilon, above: 0, max: 1e6);
        var limit = spec.Number("limit", spec.Value.Limit, above: 0, max: 1e6);
        return epsilon is null || limit is null ? null : new RobustNormaliseStage(shape, epsilon.Value, limit.Value);
    }

    private static TakeStage? Take(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("start", "count");
        var start = spec.Integer("start", spec.Value.Start ?? 0, 0, shape.Length - 1);
        var count = spec.Integer("count", spec.Value.Count, 1, shape.Length - (start ?? 0));
        return start is null || count is null ? null : new TakeStage(shape with { Length = count.Value }, start.Value);
    }

    private static EnvelopeStage? Envelope(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("low_hz", "high_hz");
        if (double.IsNaN(shape.SampleRateHz))
            return spec.Fault<EnvelopeStage>("kind", "envelope needs samples in time; put it before the spectrum");
        var nyquist = shape.SampleRateHz / 2;
        var low = spec.Number("low_hz", spec.Value.LowHz, above: 0, max: nyquist);
        var high = spec.Number("high_hz", spec.Value.HighHz, above: low ?? 0, max: nyquist);
        if (!PowerOfTwo(spec, shape) || low is null || high is null)
            return null;
        var bins = EnvelopeStage.Bins(shape, low.Value, high.Value);
        return bins.High < bins.Low
            ? spec.Fault<EnvelopeStage>("high_hz",
                "the band holds no frequency of this window; make it or the window wider")
            : new EnvelopeStage(shape, low.Value, high.Value);
    }

    private static MeanPoolStage? MeanPool(CheckedSpec spec, SignalShape shape)
    {
        spec.OnlyFields("size");
        var size = spec.Integer("size", spec.Value.Size, 1, shape.Length);
        if (size is null)
            return null;
        var pooled = shape with { Length = shape.Length / size.Value, SampleRateHz = shape.SampleRateHz / size.Value };
        return shape.Length % size.Value == 0
            ? new MeanPoolStage(pooled, size.Value)
            : spec.Fault<MeanPoolStage>("size", $"{size} does not divide the {shape.Length} values it gets");
    }

    private static ConcatStage? Concat(CheckedSpec spec, SignalShape shape, int depth)
    {
        spec.OnlyFields("branches");
        var branches = spec.Value.Branches;
        if (branches is null || branches.Count is < 1 or > TransformsMax)
            return spec.Fault<ConcatStage>("branches", $"{branches?.Count ?? 0} chains; give 1 to {TransformsMax}");
        if (depth >= DepthMax)
            return spec.Fault<ConcatStage>("branches", $"nested deeper than {DepthMax}");
        var chains = new TransformChain?[branches.Count];
        for (var i = 0; i < chains.Length; i++)
            chains[i] = BuildChain(branches[i], shape, $"{spec.Path}.branches[{i}]", spec.Faults, depth + 1);
        if (chains.Any(chain => chain is null))
            return null;
        var length = chains.Sum(chain => (long)chain!.OutputLength);
        return length > TransformChain.WindowSamplesMax
            ? spec.Fault<ConcatStage>("branches",
                $"give {length} values together; at most {TransformChain.WindowSamplesMax}")
            : new ConcatStage(new SignalShape((int)length, double.NaN, CoherentGain: 1), chains!);
    }

    private static bool PowerOfTwo(CheckedSpec spec, SignalShape shape)
    {
        if (shape.Length >= 4 && int.IsPow2(shape.Length))
            return true;
        spec.Fault<object>("kind", $"{spec.Kind} needs a power of two of at least 4 values, but gets {shape.Length}");
        return false;
    }
}
