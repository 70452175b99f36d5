using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>How well a model does on windows, and how well beside fp32.</summary>
internal sealed class AccuracyJudge
{
    private readonly WindowSet _windows;
    private readonly float[] _reference;
    private readonly int _width;
    private readonly bool _classes;

    /// <param name="windows">Windows, with or without labels.</param>
    /// <param name="reference">fp32's first output for them, (windows × width,).</param>
    /// <param name="measure">What the outputs are.</param>
    /// <exception cref="QuantizerException">The labels do not fit the outputs.</exception>
    public AccuracyJudge(WindowSet windows, float[] reference, AccuracyMeasure measure)
    {
        (_windows, _reference) = (windows, reference);
        _width = Math.Max(1, reference.Length / windows.Count);
        _classes = measure switch
        {
            AccuracyMeasure.Classes => true,
            AccuracyMeasure.Values => false,
            _ => windows.Labels is null ? _width is > 1 and <= 1024 && _width != windows.Width
                : windows.LabelsAreClasses && windows.LabelWidth == 1 && _width > 1,
        };
        if (windows.Labels is null)
            Measure = _classes ? "answers as fp32" : "fp32's variance kept";
        else if (_classes)
            Measure = "right answers";
        else if (windows.LabelWidth == _width)
            Measure = "error (RMS)";
        else
            throw new QuantizerException($"labels.npy has {windows.LabelWidth} values a window, but the model answers "
                + $"{_width}; labels of classes must be integers");
        Fp32 = Score(reference);
    }

    /// <summary>What is measured, in words.</summary>
    public string Measure { get; }

    public double Fp32 { get; }

    private bool LowerIsBetter => !_classes && _windows.Labels is not null;

    /// <summary>The measure for a model's outputs.</summary>
    public double Score(ReadOnlySpan<float> outputs)
    {
        if (_classes)
            return Right(outputs);
        return _windows.Labels is { } labels
            ? Math.Sqrt(SquaredError(outputs, labels) / outputs.Length) : 1 - Noise(outputs);
    }

    /// <summary>Accuracy over fp32's: 1 is as good, more is better.</summary>
    public double Share(double score)
    {
        if (LowerIsBetter)
            return score <= 0 ? 1 : Fp32 / score;
        return Fp32 <= 0 ? 1 : score / Fp32;
    }

    /// <summary>Squared difference to fp32 over fp32's variance.</summary>
    public double Noise(ReadOnlySpan<float> outputs)
    {
        var mean = _reference.Average(value => (double)value);
        var variance = _reference.Sum(value => (value - mean) * (value - mean));
        return SquaredError(outputs, _reference) / Math.Max(variance, 1e-30);
    }

    private double Right(ReadOnlySpan<float> outputs)
    {
        var right = 0;
        for (var window = 0; window < _windows.Count; window++)
        {
            var wanted = _windows.Labels is { } labels
                ? (int)labels[window] : ScoreRule.Highest(_reference.AsSpan(window * _width, _width));
            right += ScoreRule.Highest(outputs.Slice(window * _width, _width)) == wanted ? 1 : 0;
        }

        return right / (double)_windows.Count;
    }

    private static double SquaredError(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0d;
        for (var i = 0; i < a.Length; i++)
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }
}
