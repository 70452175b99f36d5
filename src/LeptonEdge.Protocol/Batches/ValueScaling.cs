using System.Runtime.Intrinsics;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Finds the integers that stand for the values of a column, and what each value lies beside its own.</summary>
internal static class ValueScaling
{
    private const long CorrectionMax = 64;
    private const double ScaledMax = 1L << 53;
    private const double WideMax = 1L << 51;

    /// <summary>False when too many values are odd: no integer stands for them.</summary>
    /// <param name="isExact">No value needs a correction.</param>
    public static bool TryScale<TForm>(
        ReadOnlySpan<double> values, ValueScratch scratch, TForm form, out int odds, out bool isExact)
        where TForm : struct, IValueForm
    {
        var integers = scratch.Integers;
        var corrections = scratch.Corrections;
        odds = 0;
        long last = 0, all = 0;
        // An odd value costs about ten bytes and a plain double about seven, so beyond a quarter it does not pay.
        var oddsMax = Math.Max(4, values.Length / 4);
        var wideUntil = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (i >= wideUntil && i + Vector256<double>.Count <= values.Length)
            {
                wideUntil = i + Vector256<double>.Count;
                if (TryScaleExactly(values[i..wideUntil], form, integers[i..wideUntil]))
                {
                    corrections[i..wideUntil].Clear();
                    i = wideUntil - 1;
                    last = integers[i];
                    continue;
                }
            }

            // The sum makes a negative zero the zero that an integer comes back as.
            var scaled = Math.Round(form.Scale(values[i])) + 0.0;
            long correction = 0;
            // Written so that NaN fails too.
            if (Math.Abs(scaled) < ScaledMax && form.TryPlace(values[i], out var place)
                && (correction = unchecked(place - form.Place(scaled))) is >= -CorrectionMax and <= CorrectionMax)
            {
                last = (long)scaled;
                all |= correction;
            }
            else
            {
                if (odds == oddsMax || odds == values.Length)
                {
                    isExact = false;
                    return false;
                }

                scratch.Odd[odds++] = i;
                correction = 0;
            }

            integers[i] = last;
            corrections[i] = correction;
        }

        isExact = all == 0;
        return true;
    }

    /// <summary>Four values at once, when each has an integer that stands for it to the last bit.</summary>
    private static bool TryScaleExactly<TForm>(ReadOnlySpan<double> values, TForm form, Span<long> integers)
        where TForm : struct, IValueForm
    {
        var wide = Vector256.Create(values);
        var scaled = Vector256.Round(form.Scale(wide)) + Vector256<double>.Zero;
        var holds = Vector256.LessThan(Vector256.Abs(scaled), Vector256.Create(WideMax)).AsInt64()
            & Vector256.Equals(form.Unscale(scaled).AsInt64(), wide.AsInt64());
        if (holds != Vector256<long>.AllBitsSet)
            return false;
        // Below 2^51 the sum with 1.5 * 2^52 has the integer in its last bits.
        var shifted = Vector256.Create(3 * WideMax);
        ((scaled + shifted).AsInt64() - shifted.AsInt64()).CopyTo(integers);
        return true;
    }
}

/// <summary>Room for the columns that one column of values becomes.</summary>
internal readonly ref struct ValueScratch(Span<long> integers, Span<long> corrections, int[] odd)
{
    public Span<long> Integers { get; } = integers;

    public Span<long> Corrections { get; } = corrections;

    /// <summary>Indexes of the values that no integer stands for.</summary>
    public int[] Odd { get; } = odd;
}
