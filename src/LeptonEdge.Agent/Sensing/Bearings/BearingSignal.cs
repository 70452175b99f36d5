namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>
/// A signal model of the acceleration at a motor's drive end, in g: x(t) = machine(t) + severity(t)² · knocks(t).
/// <list type="bullet">
/// <item>machine: lines at the shaft's harmonics and at the motor's slot harmonic (34.6 turns, with side lines one
/// turn apart), and Gaussian noise whose density falls from 2 to 0.001 mg/√Hz, as at a healthy laboratory motor: 0.07
/// g RMS, kurtosis just below 3.</item>
/// <item>knocks: the damaged spot is hit at the frequency that the bearing's geometry gives
/// (<see cref="BearingGeometry"/>); each interval varies by 1.5 % because balls slip, each blow by 15 %, and the blow
/// is stronger while the spot passes through the load. Each blow makes the housing's modes ring (0.5 to 5.5 kHz, most
/// of all about 3 kHz) and die away; between the blows the rough surface makes them hiss, most with a damaged ball
/// (<see cref="BearingDamage"/>). As in a recorder, a filter takes away what is close to half of 12,000
/// samples/s.</item>
/// <item>severity: 0 while healthy, rising to 1 while the fault grows, 1 while severe, then 0 again: repaired.</item>
/// </list>
/// The same seed gives the same signal. Allocates nothing once made; one thread at a time.
/// </summary>
/// <remarks>After McFadden and Smith, J. Sound Vib. 96 (1984), and Randall and Antoni, MSSP 25 (2011). Levels were
/// set so that RMS, kurtosis and the shape of the spectrum resemble those of laboratory recordings.</remarks>
public sealed class BearingSignal
{
    private const double SlipDeviation = 0.015;
    private const double BlowDeviation = 0.15;
    private const double BandHz = 250;
    private const int StrengthSamples = 64;

    /// <summary>mg/√Hz per band of 250 Hz.</summary>
    private static readonly double[] NoiseMilli =
    [
        2.0, 0.67, 0.81, 0.78, 0.88, 0.41, 0.17, 0.16, 0.16, 0.10, 0.07, 0.08, 0.08, 0.07, 0.04, 0.03, 0.04, 0.04,
        0.05, 0.08, 0.04, 0.02, 0.005, 0.001,
    ];

    /// <summary>Of a recorder's anti-aliasing filter, per band of 250 Hz.</summary>
    private static readonly double[] RecorderGains = [.. Enumerable.Repeat(1.0, 18), 0.9, 0.8, 0.7, 0.5, 0.08, 0.004];

    /// <summary>Turns of the shaft, and amplitude in g.</summary>
    private static readonly (double Turns, double Amplitude)[] Lines =
    [
        (1, 0.003), (2, 0.004), (3, 0.015), (5.5, 0.012), (12, 0.014), (33.6, 0.014), (34.6, 0.060), (35.6, 0.049),
        (36.6, 0.021), (70.2, 0.019),
    ];

    private readonly SimulatedBearingDriverOptions _options;
    private readonly GaussianNoise _random;
    private readonly GaussianNoise _white;
    private readonly FirFilter _colour;
    private readonly FirFilter _recorder;
    private readonly Resonance[] _modes;
    private readonly double[] _lineRe = new double[Lines.Length];
    private readonly double[] _lineIm = new double[Lines.Length];
    private readonly double[] _stepRe = new double[Lines.Length];
    private readonly double[] _stepIm = new double[Lines.Length];
    private readonly double _samplesPerKnock;
    private readonly double _loadPerSample;
    private readonly double _loadDepth;
    private readonly double _roughness;
    private double _strength;
    private double _samplesToKnock;
    private double _carried;
    private long _index;

    public BearingSignal(SimulatedBearingDriverOptions options)
    {
        _options = options;
        _random = new GaussianNoise(options.Seed);
        _white = new GaussianNoise(unchecked(options.Seed + 0x5EED));

        // White noise of unit variance has the density √(2/rate); the filter's gain is what it takes from there.
        var unit = 1e-3 * Math.Sqrt(options.RateHz / 2);
        _colour = new FirFilter(Array.ConvertAll(NoiseMilli, density => density * unit), BandHz, options.RateHz);
        _recorder = new FirFilter(RecorderGains, BandHz, options.RateHz);
        var (knocks, loaded) = BearingGeometry.Skf6205.Of(options.Fault);
        _samplesPerKnock = options.RateHz / (knocks * options.ShaftHz);
        _samplesToKnock = _samplesPerKnock;
        _loadPerSample = 2 * Math.PI * loaded * options.ShaftHz / options.RateHz;
        _loadDepth = loaded > 0 ? 0.5 : 0;
        var damage = BearingDamage.Of(options.Fault);
        _roughness = damage.Roughness;
        _modes = Array.ConvertAll(damage.Modes, mode => new Resonance(mode, options.RateHz));
        for (var i = 0; i < Lines.Length; i++)
        {
            // Phases that grow with the square keep neighbouring lines from all peaking at once.
            var (sin, cos) = Math.SinCos(Math.PI / 2 * i * i);
            (_lineRe[i], _lineIm[i]) = (Lines[i].Amplitude * cos, Lines[i].Amplitude * sin);
            (_stepIm[i], _stepRe[i]) = Math.SinCos(2 * Math.PI * Lines[i].Turns * options.ShaftHz / options.RateHz);
        }
    }

    /// <summary>Severity of the fault at the next sample, 0 (none) to 1.</summary>
    public double Severity => SeverityAt(_index / _options.RateHz);

    /// <summary>The next samples, in g.</summary>
    public void Fill(Span<float> samples)
    {
        for (var n = 0; n < samples.Length; n++)
        {
            // Taken from the signal's own time, not the caller's blocks: the same signal however it is cut.
            if (_index % StrengthSamples == 0)
                _strength = Severity * Severity;
            double x = _colour.Next(_white.Next());
            for (var i = 0; i < _lineRe.Length; i++)
            {
                x += _lineRe[i];
                (_lineRe[i], _lineIm[i]) = (
                    (_lineRe[i] * _stepRe[i]) - (_lineIm[i] * _stepIm[i]),
                    (_lineRe[i] * _stepIm[i]) + (_lineIm[i] * _stepRe[i]));
            }

            var knock = _recorder.Next((float)((NextKnock() + (_roughness * _random.Next())) * _strength));
            for (var i = 0; i < _modes.Length; i++)
                x += _modes[i].Next(knock);
            samples[n] = (float)x;
            _index++;
        }

        KeepAmplitudes();
    }

    /// <summary>Lets time pass without samples.</summary>
    public void Skip(long samples)
    {
        _index += samples;
        _strength = Severity * Severity;
    }

    /// <summary>Severity after a time from the start, 0 to 1.</summary>
    public double SeverityAt(double seconds)
    {
        var (healthy, growing, severe) =
            (_options.HealthyFor.TotalSeconds, _options.GrowingFor.TotalSeconds, _options.SevereFor.TotalSeconds);
        var within = seconds % (healthy + growing + severe);
        if (within < healthy)
            return 0;
        return within < healthy + growing ? (within - healthy) / growing : 1;
    }

    private double NextKnock()
    {
        var knock = _carried;
        _carried = 0;
        _samplesToKnock -= 1;
        if (_samplesToKnock > 0)
            return knock;

        // A blow falls between two samples: both get their share, so that no interval is rounded to whole samples.
        var early = -_samplesToKnock;
        var blow = (1 + (BlowDeviation * _random.Next())) * (1 + (_loadDepth * Math.Cos(_loadPerSample * _index)));
        knock += blow * early;
        _carried = blow * (1 - early);
        _samplesToKnock += _samplesPerKnock * (1 + (SlipDeviation * _random.Next()));
        return knock;
    }

    /// <summary>Rounding makes turning lines grow or shrink by parts in 10^16 per sample; over months that would
    /// show.</summary>
    private void KeepAmplitudes()
    {
        for (var i = 0; i < _lineRe.Length; i++)
        {
            var factor = Lines[i].Amplitude / Math.Sqrt((_lineRe[i] * _lineRe[i]) + (_lineIm[i] * _lineIm[i]));
            _lineRe[i] *= factor;
            _lineIm[i] *= factor;
        }
    }
}
