namespace LeptonEdge.Protocol.Batches;

/// <summary>What all residuals of a column share: a sensor that counts in fives.</summary>
internal static class Divisor
{
    /// <summary>Takes out what all share and puts the sign last; returns the divisor, 0 when all are 0.</summary>
    public static ulong TakeOut(Span<long> values)
    {
        var divisor = Common(values);
        if (divisor > 1)
        {
            foreach (ref var value in values)
            {
                var magnitude = (long)(Magnitude(value) / divisor);
                value = (long)WireWriter.ZigZag(value < 0 ? -magnitude : magnitude);
            }
        }
        else
        {
            foreach (ref var value in values)
                value = (long)WireWriter.ZigZag(value);
        }

        return divisor;
    }

    /// <summary>Undoes <see cref="TakeOut"/>.</summary>
    public static void PutBack(Span<long> values, ulong divisor)
    {
        if (divisor == 1)
        {
            foreach (ref var value in values)
                value = WireWriter.UnZigZag((ulong)value);
            return;
        }

        foreach (ref var value in values)
            value = unchecked(WireWriter.UnZigZag((ulong)value) * (long)divisor);
    }

    /// <summary>0 when all are 0.</summary>
    public static ulong Common(ReadOnlySpan<long> values)
    {
        ulong divisor = 0;
        foreach (var value in values)
        {
            if (value == 0)
                continue;
            divisor = Greatest(Magnitude(value), divisor);
            if (divisor == 1)
                break;
        }

        return divisor;
    }

    private static ulong Magnitude(long value) => value < 0 ? unchecked((ulong)-value) : (ulong)value;

    private static ulong Greatest(ulong a, ulong b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }
}
