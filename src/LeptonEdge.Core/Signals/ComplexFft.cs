using System.Numerics;
using System.Runtime.InteropServices;

namespace LeptonEdge.Core.Signals;

/// <summary>In-place fast Fourier transform of one complex length, a power of two, on separate real and imaginary
/// parts.</summary>
/// <remarks>Cooley and Tukey, Math. Comp. 19 (1965), decimation in time. Stateless once made: any number of threads
/// may share one, each on its own data.</remarks>
public sealed class ComplexFft
{
    /// <summary>The longest transform: 2^20 points, 8 MiB of data, far above any window a sensor pipeline
    /// cuts.</summary>
    public const int SizeMax = 1 << 20;

    private readonly int[] _swaps;
    private readonly float[] _cos;
    private readonly float[] _sin;

    /// <exception cref="ArgumentException">The size is not a power of two from 2 to <see cref="SizeMax"/>.</exception>
    public ComplexFft(int size)
    {
        if (size < 2 || size > SizeMax || !BitOperations.IsPow2(size))
            throw new ArgumentException($"a transform needs a power of two from 2 to {SizeMax} points, not {size}",
                nameof(size));
        Size = size;
        _swaps = BitReversedPairs(size);

        // The factors of each stage stand side by side, so that a stage reads them as vectors: stage h at offset h.
        _cos = new float[size];
        _sin = new float[size];
        for (var half = 1; half < size; half *= 2)
        {
            for (var k = 0; k < half; k++)
            {
                var (sin, cos) = Math.SinCos(-Math.PI * k / half);
                _cos[half + k] = (float)cos;
                _sin[half + k] = (float)sin;
            }
        }
    }

    /// <summary>Points of one transform.</summary>
    public int Size { get; }

    /// <summary>X[k] = Σ x[n]·e^(−2πikn/N), unscaled.</summary>
    /// <param name="re">Real parts, shape (N,); replaced.</param>
    /// <param name="im">Imaginary parts, shape (N,); replaced.</param>
    /// <exception cref="ArgumentException">A span does not hold exactly N values.</exception>
    public void Forward(Span<float> re, Span<float> im)
    {
        if (re.Length != Size || im.Length != Size)
            throw new ArgumentException($"this transform takes {Size} points, not {re.Length} and {im.Length}");
        for (var i = 0; i < _swaps.Length; i += 2)
        {
            var (a, b) = (_swaps[i], _swaps[i + 1]);
            (re[a], re[b]) = (re[b], re[a]);
            (im[a], im[b]) = (im[b], im[a]);
        }

        for (var half = 1; half < Size; half *= 2)
        {
            if (half >= Vector<float>.Count)
                VectorStage(re, im, half);
            else
                ScalarStage(re, im, half);
        }
    }

    /// <summary>The transform back, unscaled: <c>Inverse(Forward(x)) = N·x</c>.</summary>
    /// <remarks>Swapping the parts conjugates twice, which turns the forward transform round.</remarks>
    public void Inverse(Span<float> re, Span<float> im) => Forward(im, re);

    private void ScalarStage(Span<float> re, Span<float> im, int half)
    {
        var cos = _cos.AsSpan(half, half);
        var sin = _sin.AsSpan(half, half);
        for (var start = 0; start < Size; start += 2 * half)
        {
            for (var k = 0; k < half; k++)
            {
                var low = start + k;
                var high = low + half;
                var tr = (re[high] * cos[k]) - (im[high] * sin[k]);
                var ti = (re[high] * sin[k]) + (im[high] * cos[k]);
                re[high] = re[low] - tr;
                im[high] = im[low] - ti;
                re[low] += tr;
                im[low] += ti;
            }
        }
    }

    private void VectorStage(Span<float> re, Span<float> im, int half)
    {
        ref var r = ref MemoryMarshal.GetReference(re);
        ref var i = ref MemoryMarshal.GetReference(im);
        ref var c = ref MemoryMarshal.GetArrayDataReference(_cos);
        ref var s = ref MemoryMarshal.GetArrayDataReference(_sin);
        for (var start = 0; start < Size; start += 2 * half)
        {
            for (var k = 0; k < half; k += Vector<float>.Count)
            {
                var low = (nuint)(start + k);
                var high = low + (nuint)half;
                var cos = Vector.LoadUnsafe(ref c, (nuint)(half + k));
                var sin = Vector.LoadUnsafe(ref s, (nuint)(half + k));
                var hr = Vector.LoadUnsafe(ref r, high);
                var hi = Vector.LoadUnsafe(ref i, high);
                var lr = Vector.LoadUnsafe(ref r, low);
                var li = Vector.LoadUnsafe(ref i, low);
                var tr = (hr * cos) - (hi * sin);
                var ti = (hr * sin) + (hi * cos);
                (lr - tr).StoreUnsafe(ref r, high);
                (li - ti).StoreUnsafe(ref i, high);
                (lr + tr).StoreUnsafe(ref r, low);
                (li + ti).StoreUnsafe(ref i, low);
            }
        }
    }

    private static int[] BitReversedPairs(int size)
    {
        var pairs = new List<int>(size);
        var bits = BitOperations.Log2((uint)size);
        for (var i = 0; i < size; i++)
        {
            var reversed = 0;
            for (var bit = 0; bit < bits; bit++)
                reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
            if (i < reversed)
                pairs.AddRange([i, reversed]);
        }

        return [.. pairs];
    }
}
