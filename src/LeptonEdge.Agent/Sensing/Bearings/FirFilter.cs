using System.Numerics;

namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>A linear-phase filter with a gain per band of frequencies; delays by half its 128 taps.</summary>
internal sealed class FirFilter
{
    private const int Taps = 128;

    private readonly float[] _taps;
    private readonly float[] _history = new float[2 * Taps];
    private int _position;

    /// <param name="gains">One per band from 0 Hz on, each <paramref name="bandHz"/> wide; 0 above the last.</param>
    public FirFilter(ReadOnlySpan<double> gains, double bandHz, double rateHz) =>
        _taps = Design(gains, bandHz, rateHz);

    public float Next(float sample)
    {
        // Each value is written twice, one filter length apart, so that the filter always reads one straight piece.
        _history[_position] = _history[_position + Taps] = sample;
        _position = (_position + 1) % Taps;
        var sum = Vector<float>.Zero;
        for (var i = 0; i < Taps; i += Vector<float>.Count)
            sum += new Vector<float>(_history, _position + i) * new Vector<float>(_taps, i);
        return Vector.Sum(sum);
    }

    /// <summary>Frequency sampling, smoothed by a Hann window.</summary>
    private static float[] Design(ReadOnlySpan<double> gains, double bandHz, double rateHz)
    {
        const int Points = 4 * Taps;
        var response = new double[(Points / 2) + 1];
        for (var k = 0; k < response.Length; k++)
        {
            var band = (int)(k * rateHz / Points / bandHz);
            response[k] = band < gains.Length ? gains[band] : 0;
        }

        var taps = new float[Taps];
        for (var n = 0; n < Taps; n++)
        {
            var offset = n - ((Taps - 1) / 2.0);
            var sum = response[0];
            for (var k = 1; k < response.Length; k++)
                sum += 2 * response[k] * Math.Cos(2 * Math.PI * k * offset / Points);
            var window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * (n + 0.5) / Taps));
            taps[n] = (float)(sum / Points * window);
        }

        return taps;
    }
}
