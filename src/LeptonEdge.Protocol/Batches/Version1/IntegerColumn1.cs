namespace LeptonEdge.Protocol.Batches.Version1;

/// <summary>Reads the columns of integers that version 1 wrote: differenced 0, 1 or 2 times, divided by what all
/// differences share, laid out byte plane by byte plane.</summary>
internal static class IntegerColumn1
{
    private const int OrderBits = 2;

    /// <param name="values">Shape (N,), receives the column; N was proven against the limits by the caller.</param>
    public static void Decode(ref WireReader reader, Span<long> values, string what)
    {
        if (values.IsEmpty)
            return;
        var head = reader.ReadByte(what);
        var order = head & ((1 << OrderBits) - 1);
        var width = head >> OrderBits;
        if (order > 2 || order > values.Length || width > 8)
            throw reader.Fault($"{what} is laid out in an unknown way ({head})");
        var start = reader.ReadSigned(what);
        var second = order > 1 ? reader.ReadSigned(what) : 0;
        var rest = values[order..];
        if (width == 0)
        {
            rest.Clear();
        }
        else
        {
            var divisor = reader.ReadVarint(what);
            ReadPlanes(reader.ReadBytes((long)rest.Length * width, what), rest, width);
            FromResiduals(rest, order == 0, divisor);
        }

        Integrate(values, order, start, second);
    }

    private static void Integrate(Span<long> values, int order, long start, long second)
    {
        if (order == 0)
        {
            foreach (ref var value in values)
                value = unchecked(value + start);
            return;
        }

        values[0] = start;
        if (order == 2)
        {
            values[1] = second;
            for (var i = 2; i < values.Length; i++)
                values[i] = unchecked(values[i] + values[i - 1]);
        }

        for (var i = 1; i < values.Length; i++)
            values[i] = unchecked(values[i] + values[i - 1]);
    }

    private static void FromResiduals(Span<long> values, bool fromLeast, ulong divisor)
    {
        foreach (ref var value in values)
        {
            if (!fromLeast)
                value = WireWriter.UnZigZag((ulong)value);
            value = unchecked(value * (long)divisor);
        }
    }

    private static void ReadPlanes(ReadOnlySpan<byte> planes, Span<long> values, int width)
    {
        values.Clear();
        for (var plane = 0; plane < width; plane++)
        {
            var span = planes.Slice(plane * values.Length, values.Length);
            var shift = 8 * plane;
            for (var i = 0; i < span.Length; i++)
                values[i] |= (long)span[i] << shift;
        }
    }
}
