using System.Numerics;

namespace LeptonEdge.Core.Signals;

internal sealed class DetrendStage(SignalShape shape, int order) : Stage(shape)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        var n = input.Length;
        double sum = 0;
        foreach (var x in input)
            sum += x;
        var mean = sum / n;
        double slope = 0;
        if (order == 1 && n > 1)
        {
            // About its own middle the time axis is orthogonal to the constant, so the two fits do not mix.
            var middle = (n - 1) / 2.0;
            double moment = 0;
            for (var i = 0; i < n; i++)
                moment += (i - middle) * input[i];
            slope = moment * 12 / ((double)n * (((double)n * n) - 1));
            mean -= slope * middle;
        }

        for (var i = 0; i < n; i++)
            output[i] = (float)(input[i] - mean - (slope * i));
    }
}

internal sealed class WindowStage(SignalShape output, float[] factors) : Stage(output)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        for (var i = 0; i < input.Length; i++)
            output[i] = input[i] * factors[i];
    }

    public static float[] Hann(int length)
    {
        var factors = new float[length];
        for (var i = 0; i < length; i++)
            factors[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length)));
        return factors;
    }
}

internal sealed class LogStage(SignalShape shape, float epsilon) : Stage(shape)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        var i = 0;
        var offset = new Vector<float>(epsilon);
        for (; i <= input.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Log(new Vector<float>(input[i..]) + offset).CopyTo(output[i..]);
        for (; i < input.Length; i++)
            output[i] = MathF.Log(input[i] + epsilon);
    }
}

/// <summary>Mean and inverse scale hold one value each, or one per input value.</summary>
internal sealed class StandardiseStage(SignalShape shape, float[] mean, float[] inverseScale) : Stage(shape)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        var meanStep = mean.Length == 1 ? 0 : 1;
        var scaleStep = inverseScale.Length == 1 ? 0 : 1;
        for (var i = 0; i < input.Length; i++)
            output[i] = (input[i] - mean[i * meanStep]) * inverseScale[i * scaleStep];
    }
}

internal sealed class RmsNormaliseStage(SignalShape shape, double epsilon) : Stage(shape)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        double power = 0;
        foreach (var x in input)
            power += (double)x * x;
        var factor = (float)(1 / (Math.Sqrt(power / input.Length) + epsilon));
        for (var i = 0; i < input.Length; i++)
            output[i] = input[i] * factor;
    }
}

internal sealed class RobustNormaliseStage(SignalShape shape, double epsilon, double limit) : Stage(shape)
{
    /// <summary>Median absolute deviation of a Gaussian, turned into its standard deviation.</summary>
    private const double GaussianFactor = 1.4826;

    private readonly float[] _sorted = new float[shape.Length];

    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        input.CopyTo(_sorted);
        var median = MedianOfSorted();
        for (var i = 0; i < input.Length; i++)
            _sorted[i] = (float)Math.Abs(input[i] - median);
        var spread = (GaussianFactor * MedianOfSorted()) + epsilon;
        for (var i = 0; i < input.Length; i++)
            output[i] = (float)Math.Clamp((input[i] - median) / spread, -limit, limit);
    }

    private double MedianOfSorted()
    {
        _sorted.AsSpan().Sort();
        var middle = _sorted.Length / 2;
        return _sorted.Length % 2 == 1 ? _sorted[middle] : ((double)_sorted[middle - 1] + _sorted[middle]) / 2;
    }
}

internal sealed class TakeStage(SignalShape output, int start) : Stage(output)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output) =>
        input.Slice(start, output.Length).CopyTo(output);
}

internal sealed class MeanPoolStage(SignalShape output, int size) : Stage(output)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        for (var i = 0; i < output.Length; i++)
        {
            float sum = 0;
            foreach (var x in input.Slice(i * size, size))
                sum += x;
            output[i] = sum / size;
        }
    }
}

internal sealed class ConcatStage(SignalShape output, TransformChain[] branches) : Stage(output)
{
    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        foreach (var branch in branches)
        {
            branch.Apply(input, output[..branch.OutputLength]);
            output = output[branch.OutputLength..];
        }
    }
}
