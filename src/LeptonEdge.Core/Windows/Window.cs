namespace LeptonEdge.Core.Windows;

/// <summary>Samples of one channel, cut to the length that a model takes. Lives only during the call that hands it
/// over: the samples stand in the assembler's own memory.</summary>
public readonly ref struct Window
{
    internal Window(ReadOnlySpan<float> samples, long startMicros, double sampleRateHz, int invalidCount)
    {
        Samples = samples;
        StartMicros = startMicros;
        SampleRateHz = sampleRateHz;
        InvalidCount = invalidCount;
    }

    /// <summary>Shape (N,), in the channel's unit, oldest first.</summary>
    public ReadOnlySpan<float> Samples { get; }

    /// <summary>Device time of the first sample, microseconds since 1970-01-01 UTC.</summary>
    public long StartMicros { get; }

    /// <summary>Device time of the last sample, microseconds since 1970-01-01 UTC.</summary>
    public long LastMicros => StartMicros + (long)Math.Round((Samples.Length - 1) * 1e6 / SampleRateHz);

    public double SampleRateHz { get; }

    /// <summary>Samples that are NaN or infinite. A model's answer to such a window means nothing: do not ask
    /// it.</summary>
    public int InvalidCount { get; }

    public bool IsValid => InvalidCount == 0;
}

/// <summary>Receives each window the moment it is complete.</summary>
public delegate void WindowHandler(Window window);
