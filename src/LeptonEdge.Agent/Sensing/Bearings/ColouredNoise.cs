using System.Numerics;

namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>Gaussian noise with a given spectral density, by a linear-phase filter over white noise.</summary>
internal sealed class ColouredNoise
{
    private const int Taps = 128;

    private readonly GaussianNoise _white;
    private readonly float[] _taps;
    private readonly float[] _history = new float[2 * Taps];
    private int _position;

    /// <param name="density">Amplitude density in units per √Hz, one value per band from 0 Hz on, each
    /// <paramref name="bandHz"/> wide; 0 above the last.</param>
    public ColouredNoise(ReadOnlySpan<double> density, double bandHz, double rateHz, GaussianNoise white)
    {
        _white = white;
        _taps = Design(density, bandHz, rateHz);
    }

    public float Next()
    {
        // Each value is written twice, one filter length apart, so that the filter always reads one straight piece.
        _history[_position] = _history[_position + Taps] = _white.Next();
        _position = (_position + 1) % Taps;
        var sum = Vector<float>.Zero;
        for (var i = 0; i < Taps; i += Vector<float>.Count)
            sum += new Vector<float>(_history, _position + i) * new Vector<float>(_taps, i);
        return Vector.Sum(sum);
    }

    private static float[] Design(ReadOnlySpan<double> density, double bandHz, double rateHz)
    {
        // White noise of unit variance has the density √(2/rate); the filter's gain is what it takes from there.
        var taps = new float[Taps];
        const int Points = 4 * Taps;
        var gains = new double[(Points / 2) + 1];
        for (var k = 0; k < gains.Length; k++)
        {
            var band = (int)(k * rateHz / Points / bandHz);
            gains[k] = band < density.Length ? density[band] * Math.Sqrt(rateHz / 2) : 0;
        }

        for (var n = 0; n < Taps; n++)
        {
            var offset = n - ((Taps - 1) / 2.0);
            var sum = gains[0];
            for (var k = 1; k < gains.Length; k++)
                sum += 2 * gains[k] * Math.Cos(2 * Math.PI * k * offset / Points);
            var window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * (n + 0.5) / Taps));
            taps[n] = (float)(sum / Points * window);
        }

        return taps;
    }
}
