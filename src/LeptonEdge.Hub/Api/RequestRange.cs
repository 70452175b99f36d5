using LeptonEdge.Core;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Api;

/// <summary>Reads what a request asks for; every fault is a sentence that names the parameter.</summary>
internal static class RequestRange
{
    public const int LimitMax = 1000;
    public const int LimitStandard = 100;
    public const int PointsMax = 5000;
    private const int PointsStandard = 600;
    private static readonly TimeSpan SpanStandard = TimeSpan.FromMinutes(5);

    private static readonly long[] ReadableMinutes =
        [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

    // Microseconds of the year 2200: beyond it sums of times could overflow.
    private const long MicrosMax = 7_258_118_400_000_000;

    public static string? Limit(int? asked, out int limit)
    {
        limit = asked ?? LimitStandard;
        return limit is >= 1 and <= LimitMax ? null : $"limit: {limit} is not within 1 to {LimitMax}";
    }

    /// <summary>A time range and the bucket that cuts it into at most the wanted number of points.</summary>
    public static string? Readings(
        long? from, long? to, int? points, TimeProvider clock, out (long From, long To, long Bucket) range)
    {
        var count = points ?? PointsStandard;
        range = default;
        if (Times(from, to, SpanStandard, clock, out var times) is { } fault)
            return fault;
        var (start, end) = times;
        if (count is < 1 or > PointsMax)
            return $"points: {count} is not within 1 to {PointsMax}";
        // Buckets begin at multiples of their width, so a range may touch one more than fits into it.
        var whole = Math.Max(1, count - 1);
        range = (start, end, Readable((end - start + whole - 1) / whole));
        return null;
    }

    // From a minute on, a width that people read off an axis: the store has sums for these.
    private static long Readable(long micros)
    {
        const long Minute = 60_000_000;
        if (micros < Minute)
            return micros;
        foreach (var minutes in ReadableMinutes)
        {
            if (micros <= minutes * Minute)
                return minutes * Minute;
        }

        var day = ReadableMinutes[^1] * Minute;
        return (micros + day - 1) / day * day;
    }

    /// <summary>A time range.</summary>
    /// <param name="standard">How long before its end it begins where the request does not say.</param>
    public static string? Times(
        long? from, long? to, TimeSpan standard, TimeProvider clock, out (long From, long To) range)
    {
        var end = to ?? clock.GetUnixMicros();
        var start = from ?? Math.Max(0, end - (standard.Ticks / TimeSpan.TicksPerMicrosecond));
        range = (start, end);
        if (end is < 0 or > MicrosMax)
            return $"to: {end} is not a time in microseconds since 1970";
        if (start is < 0 or > MicrosMax)
            return $"from: {start} is not a time in microseconds since 1970";
        return end <= start ? $"to: {end} must be after from ({start})" : null;
    }

    /// <summary>A time range that may be open on either side.</summary>
    public static string? Span(string sinceField, long? since, string untilField, long? until)
    {
        if (since is < 0 or > MicrosMax)
            return $"{sinceField}: {since} is not a time in microseconds since 1970";
        if (until is < 0 or > MicrosMax)
            return $"{untilField}: {until} is not a time in microseconds since 1970";
        return until <= since ? $"{untilField}: {until} must be after {sinceField} ({since})" : null;
    }

    public static string? Device(string text, out DeviceId device)
    {
        device = default;
        try
        {
            device = new DeviceId(text);
            return null;
        }
        catch (FormatException fault)
        {
            return $"device: {fault.Message}";
        }
    }

    public static string? Channel(string text, out ChannelName channel)
    {
        channel = default;
        try
        {
            channel = new ChannelName(text);
            return null;
        }
        catch (FormatException fault)
        {
            return $"channel: {fault.Message}";
        }
    }

    public static string? Drill(LoadDrillRequest drill)
    {
        if (drill.Utilisation is not (>= 0 and <= 0.98))
            return $"utilisation: {drill.Utilisation} is not within 0 to 0.98";
        if (drill.Seconds is not (>= 0 and <= 600))
            return $"seconds: {drill.Seconds} is not within 0 to 600";
        return drill.RampSeconds >= 0 && drill.RampSeconds <= drill.Seconds
            ? null
            : $"rampSeconds: {drill.RampSeconds} is not within 0 to seconds ({drill.Seconds})";
    }
}
