namespace LeptonEdge.Core.Signals;

/// <summary>What one stage hands to the next.</summary>
/// <param name="Length">Values.</param>
/// <param name="SampleRateHz">Values per second; NaN once they are no longer samples in time.</param>
/// <param name="CoherentGain">Mean of the window functions applied so far: a spectrum divides by it, so that
/// amplitudes read true.</param>
internal readonly record struct SignalShape(int Length, double SampleRateHz, double CoherentGain);

/// <summary>One transform, laid out for one input shape.</summary>
internal abstract class Stage(SignalShape output)
{
    public SignalShape Output { get; } = output;

    /// <summary>Input and output never overlap; their lengths are the shapes' own.</summary>
    public abstract void Apply(ReadOnlySpan<float> input, Span<float> output);
}
