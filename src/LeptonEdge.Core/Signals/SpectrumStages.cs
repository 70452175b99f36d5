namespace LeptonEdge.Core.Signals;

internal sealed class RfftMagnitudeStage : Stage
{
    private readonly RealFft _fft;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float _scale;

    public RfftMagnitudeStage(SignalShape input)
        : base(new SignalShape((input.Length / 2) + 1, double.NaN, CoherentGain: 1))
    {
        _fft = new RealFft(input.Length);
        _re = new float[_fft.BinCount];
        _im = new float[_fft.BinCount];
        _scale = (float)(2 / (input.Length * input.CoherentGain));
    }

    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        _fft.Transform(input, _re, _im);
        for (var k = 0; k < output.Length; k++)
            output[k] = _scale * MathF.Sqrt((_re[k] * _re[k]) + (_im[k] * _im[k]));

        // Every other bin shares its sine with a mirror image; these two stand alone.
        output[0] *= 0.5f;
        output[^1] *= 0.5f;
    }
}

/// <summary>Keeps one band of positive frequencies, doubled: what comes back is the analytic signal of that band, and
/// its magnitude is the band's envelope.</summary>
/// <remarks>Gabor, J. IEE 93 (1946); the usual first step of bearing diagnosis (Randall and Antoni, MSSP 25
/// (2011)).</remarks>
internal sealed class EnvelopeStage : Stage
{
    private readonly RealFft _forward;
    private readonly ComplexFft _inverse;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly int _low;
    private readonly int _high;

    public EnvelopeStage(SignalShape shape, double lowHz, double highHz)
        : base(shape)
    {
        _forward = new RealFft(shape.Length);
        _inverse = new ComplexFft(shape.Length);
        _re = new float[shape.Length];
        _im = new float[shape.Length];
        (_low, _high) = Bins(shape, lowHz, highHz);
    }

    /// <summary>First and last bin whose frequency lies in the band; last below first when there is none.</summary>
    public static (int Low, int High) Bins(SignalShape shape, double lowHz, double highHz)
    {
        var binHz = shape.SampleRateHz / shape.Length;

        // A frequency written in decimal that means exactly a bin must not miss it by a rounding error.
        const double Slack = 1e-9;
        return ((int)Math.Ceiling((lowHz / binHz) - Slack), (int)Math.Floor((highHz / binHz) + Slack));
    }

    public override void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        _forward.Transform(input, _re, _im);
        _re.AsSpan(0, _low).Clear();
        _im.AsSpan(0, _low).Clear();
        _re.AsSpan(_high + 1).Clear();
        _im.AsSpan(_high + 1).Clear();
        _inverse.Inverse(_re, _im);
        var scale = 2f / input.Length;
        for (var i = 0; i < output.Length; i++)
            output[i] = scale * MathF.Sqrt((_re[i] * _re[i]) + (_im[i] * _im[i]));
    }
}
