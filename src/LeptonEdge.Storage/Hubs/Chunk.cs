using System.Runtime.InteropServices;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What is known of a run of readings without decoding it.</summary>
internal readonly record struct ChunkSummary(
    long Start, long End, long Count, long Invalid, double Sum, double Min, double Max, double Last)
{
    /// <summary>Whether any reading is finite, so that sum, minimum and maximum mean something.</summary>
    public bool HasFinite => Count > Invalid;

    /// <summary>The sum of both. It keeps its own start and end.</summary>
    /// <param name="isNewer">Whether the last reading of the part is the last of both.</param>
    public ChunkSummary With(in ChunkSummary part, bool isNewer)
    {
        var sum = this with
        {
            Count = Count + part.Count, Invalid = Invalid + part.Invalid, Last = isNewer ? part.Last : Last,
        };
        if (!part.HasFinite)
            return sum;
        return HasFinite
            ? sum with { Sum = Sum + part.Sum, Min = Math.Min(Min, part.Min), Max = Math.Max(Max, part.Max) }
            : sum with { Sum = part.Sum, Min = part.Min, Max = part.Max };
    }

    /// <param name="times">Shape (N,), N of 1 or more; in any order.</param>
    /// <param name="values">Shape (N,).</param>
    public static ChunkSummary Of(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var (start, end, last) = (times[0], times[0], values[0]);
        var (sum, min, max) = (0.0, double.PositiveInfinity, double.NegativeInfinity);
        long invalid = 0;
        for (var i = 0; i < times.Length; i++)
        {
            start = Math.Min(start, times[i]);
            if (times[i] >= end)
                (end, last) = (times[i], values[i]);
            if (!double.IsFinite(values[i]))
            {
                invalid++;
                continue;
            }

            sum += values[i];
            min = Math.Min(min, values[i]);
            max = Math.Max(max, values[i]);
        }

        return new ChunkSummary(start, end, times.Length, invalid, sum, min, max, last);
    }
}

/// <summary>Cuts a series where the clock jumps, so that a chunk stays near in time what it is near on the disk: a
/// board without a clock battery starts in 1970.</summary>
internal ref struct ChunkCutter(Series series)
{
    private const long JumpMicros = 24L * 3600 * 1_000_000;
    private const int ReadingsMax = 65_536;
    private readonly ReadOnlySpan<long> _times = CollectionsMarshal.AsSpan(series.TimesMicros);
    private readonly ReadOnlySpan<double> _values = CollectionsMarshal.AsSpan(series.Values);
    private int _end;

    public ReadOnlySpan<long> Times { get; private set; }

    public ReadOnlySpan<double> Values { get; private set; }

    public bool MoveNext()
    {
        var start = _end;
        if (start >= _times.Length)
            return false;
        _end = start + 1;
        while (_end < _times.Length && _end - start < ReadingsMax && IsNear(_times[_end - 1], _times[_end]))
            _end++;
        Times = _times[start.._end];
        Values = _values[start.._end];
        return true;
    }

    private static bool IsNear(long a, long b) => Math.Abs((double)b - a) <= JumpMicros;
}
