namespace LeptonEdge.Core.Signals;

/// <summary>Fast Fourier transform of a real window of one length, a power of two.</summary>
/// <remarks>The window's even and odd samples become one complex signal of half the length, and the two spectra are
/// taken apart afterwards: half the work of a complex transform. Holds scratch memory, so one thread at a
/// time.</remarks>
public sealed class RealFft
{
    private readonly ComplexFft _half;
    private readonly float[] _cos;
    private readonly float[] _sin;
    private readonly float[] _re;
    private readonly float[] _im;

    /// <exception cref="ArgumentException">The size is not a power of two from 4 to
    /// <see cref="ComplexFft.SizeMax"/>.</exception>
    public RealFft(int size)
    {
        if (size < 4 || size > ComplexFft.SizeMax || !int.IsPow2(size))
            throw new ArgumentException(
                $"a real transform needs a power of two from 4 to {ComplexFft.SizeMax} samples, not {size}",
                nameof(size));
        Size = size;
        _half = new ComplexFft(size / 2);
        _re = new float[size / 2];
        _im = new float[size / 2];
        _cos = new float[size / 2];
        _sin = new float[size / 2];
        for (var k = 0; k < size / 2; k++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * k / size);
            _cos[k] = (float)cos;
            _sin[k] = (float)sin;
        }
    }

    /// <summary>Samples of one window, N.</summary>
    public int Size { get; }

    /// <summary>Frequencies of one spectrum: N/2+1, from 0 to half the sample rate.</summary>
    public int BinCount => (Size / 2) + 1;

    /// <summary>X[k] = Σ x[n]·e^(−2πikn/N) for k = 0 … N/2, unscaled.</summary>
    /// <param name="window">Samples, shape (N,).</param>
    /// <param name="re">Receives the real parts, shape (N/2+1,).</param>
    /// <param name="im">Receives the imaginary parts, shape (N/2+1,).</param>
    /// <exception cref="ArgumentException">The window does not hold N samples, or a result is too short.</exception>
    public void Transform(ReadOnlySpan<float> window, Span<float> re, Span<float> im)
    {
        if (window.Length != Size)
            throw new ArgumentException($"this transform takes {Size} samples, not {window.Length}", nameof(window));
        if (re.Length < BinCount || im.Length < BinCount)
            throw new ArgumentException(
                $"the spectrum has {BinCount} bins, the result only {Math.Min(re.Length, im.Length)}");
        var half = Size / 2;
        for (var i = 0; i < half; i++)
        {
            _re[i] = window[2 * i];
            _im[i] = window[(2 * i) + 1];
        }

        _half.Forward(_re, _im);
        re[0] = _re[0] + _im[0];
        im[0] = 0;
        re[half] = _re[0] - _im[0];
        im[half] = 0;
        for (var k = 1; k < half; k++)
        {
            var mirror = half - k;
            var evenRe = 0.5f * (_re[k] + _re[mirror]);
            var evenIm = 0.5f * (_im[k] - _im[mirror]);
            var oddRe = 0.5f * (_im[k] + _im[mirror]);
            var oddIm = 0.5f * (_re[mirror] - _re[k]);
            re[k] = evenRe + (_cos[k] * oddRe) - (_sin[k] * oddIm);
            im[k] = evenIm + (_cos[k] * oddIm) + (_sin[k] * oddRe);
        }
    }
}
