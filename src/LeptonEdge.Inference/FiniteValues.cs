using System.Numerics;
using System.Runtime.InteropServices;

namespace LeptonEdge.Inference;

/// <summary>Finds NaN and infinities, which no model may be fed unseen.</summary>
public static class FiniteValues
{
    /// <summary>Index of the first value that is NaN or infinite; −1 if all are finite.</summary>
    public static int FirstNonFinite(ReadOnlySpan<float> values)
    {
        var blocks = MemoryMarshal.Cast<float, Vector<float>>(values);
        var block = 0;

        // Finite times 0 is 0; NaN and infinities give NaN, which equals nothing.
        while (block < blocks.Length && Vector.EqualsAll(blocks[block] * 0f, Vector<float>.Zero))
            block++;
        for (var i = block * Vector<float>.Count; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }
}
