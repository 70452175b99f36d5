namespace LeptonEdge.Core.Signals;

/// <summary>Turns one window into a model's input. Everything is laid out when it is made; <see cref="Apply"/>
/// allocates nothing. Holds scratch memory, so one thread at a time: make one chain per workload.</summary>
public sealed class TransformChain
{
    private readonly Stage[] _stages;
    private readonly float[] _ping;
    private readonly float[] _pong;

    internal TransformChain(int windowSamples, Stage[] stages)
    {
        WindowSamples = windowSamples;
        _stages = stages;
        OutputLength = stages.Length == 0 ? windowSamples : stages[^1].Output.Length;

        // The last stage writes into the caller's span, so only what lies between two stages needs room here.
        var between = stages.Length < 2 ? 0 : stages[..^1].Max(stage => stage.Output.Length);
        _ping = new float[between];
        _pong = new float[between];
    }

    /// <summary>The longest window a chain takes.</summary>
    public const int WindowSamplesMax = ComplexFft.SizeMax;

    /// <summary>Samples of one window.</summary>
    public int WindowSamples { get; }

    /// <summary>Values of one result.</summary>
    public int OutputLength { get; }

    /// <summary>Checks every transform against what the one before it hands on, and lays the chain out.</summary>
    /// <param name="transforms">In the order they work; none hands the window on as it is.</param>
    /// <param name="windowSamples">Samples of one window.</param>
    /// <param name="sampleRateHz">The channel's rate; a band in hertz is taken from it.</param>
    /// <exception cref="TransformException">Names every fault by the transform's index and field.</exception>
    public static TransformChain Create(
        IReadOnlyList<TransformSpec> transforms, int windowSamples, double sampleRateHz)
    {
        var faults = new List<string>();
        if (windowSamples < 1 || windowSamples > WindowSamplesMax)
            faults.Add($"window: {windowSamples} samples; use 1 to {WindowSamplesMax}");
        if (!(double.IsFinite(sampleRateHz) && sampleRateHz > 0))
            faults.Add($"sample rate: {sampleRateHz} Hz; it must be above 0");
        if (faults.Count > 0)
            throw new TransformException(faults);
        var shape = new SignalShape(windowSamples, sampleRateHz, CoherentGain: 1);
        var chain = StageBuilder.BuildChain(transforms, shape, "transforms", faults, depth: 0);
        return faults.Count == 0 ? chain! : throw new TransformException(faults);
    }

    /// <summary>Runs the chain over one window.</summary>
    /// <param name="window">Shape (<see cref="WindowSamples"/>,), in the channel's unit; left as it is.</param>
    /// <param name="features">Receives the result, at least <see cref="OutputLength"/> values; may not overlap the
    /// window.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Apply(ReadOnlySpan<float> window, Span<float> features)
    {
        if (window.Length != WindowSamples)
            throw new ArgumentException($"this chain takes {WindowSamples} samples, not {window.Length}",
                nameof(window));
        if (features.Length < OutputLength)
            throw new ArgumentException($"the result has {OutputLength} values, the span only {features.Length}",
                nameof(features));
        if (_stages.Length == 0)
            window.CopyTo(features);
        var input = window;
        for (var i = 0; i < _stages.Length; i++)
        {
            var length = _stages[i].Output.Length;
            var output = i == _stages.Length - 1 ? features[..length] : (i % 2 == 0 ? _ping : _pong).AsSpan(0, length);
            _stages[i].Apply(input, output);
            input = output;
        }
    }

    internal SignalShape OutputShape(SignalShape input) => _stages.Length == 0 ? input : _stages[^1].Output;
}
