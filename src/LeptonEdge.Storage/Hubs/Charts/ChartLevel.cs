namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>The widths that readings are summed by: a minute, an hour, a day.</summary>
internal static class ChartLevel
{
    public const int None = -1;

    public static readonly long[] Widths = [60_000_000, 3_600_000_000, 86_400_000_000];

    /// <summary>The coarsest level whose sums add up to buckets of a width; <see cref="None"/> where only the readings
    /// themselves do.</summary>
    public static int For(long bucketMicros)
    {
        for (var level = Widths.Length - 1; level >= 0; level--)
        {
            if (bucketMicros % Widths[level] == 0)
                return level;
        }

        return None;
    }

    /// <summary>Start of the stretch that a time falls in. Times before 1970 round down too; the lowest stretch of all
    /// is cut at the end of the scale.</summary>
    public static long StartOf(long time, long width)
    {
        var rest = time % width;
        if (rest >= 0)
            return time - rest;
        return time - long.MinValue < rest + width ? long.MinValue : time - rest - width;
    }

    /// <summary>Start of the first stretch that begins at a time or after it; null beyond the end of the
    /// scale.</summary>
    public static long? StartFrom(long time, long width)
    {
        var start = StartOf(time, width);
        if (start == time)
            return start;
        return start <= long.MaxValue - width && start != long.MinValue ? start + width : After(time, width);
    }

    // Behind the cut stretch at the lower end, or beyond the upper one.
    private static long? After(long time, long width) =>
        time < 0 ? time - (time % width) : null;
}
