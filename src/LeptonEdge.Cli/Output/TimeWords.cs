using System.Globalization;

namespace LeptonEdge.Cli.Output;

/// <summary>Times and lengths of time as tables show them.</summary>
internal static class TimeWords
{
    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>How long ago, by two digits or so: 12s, 3m, 7h, 4d, 2y. What lies ahead has a plus.</summary>
    public static string Ago(long micros, long nowMicros)
    {
        var seconds = (nowMicros - micros) / 1e6;
        // A device's clock may be a little ahead of this one.
        return seconds < -2 ? "+" + Length(-seconds) : Length(Math.Max(0, seconds));
    }

    /// <param name="seconds">Zero or more.</param>
    public static string Length(double seconds) => seconds switch
    {
        < 120 => Whole(seconds, "s"),
        < 7_200 => Whole(seconds / 60, "m"),
        < 172_800 => Whole(seconds / 3_600, "h"),
        < 86_400 * 730.0 => Whole(seconds / 86_400, "d"),
        _ => Whole(seconds / 86_400 / 365.25, "y"),
    };

    /// <summary>Exactly, UTC.</summary>
    public static string Iso(long micros)
    {
        if (micros < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() * 1000
            || micros > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() * 1000)
            return micros.ToString(Invariant);
        var time = DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return time.ToString(
            micros % 1_000_000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.ffffffZ", Invariant);
    }

    /// <summary>A short time: 12 µs, 3.4 ms, 1.2 s.</summary>
    public static string Short(double seconds) => Math.Abs(seconds) switch
    {
        0 => "0",
        < 1e-3 => string.Create(Invariant, $"{seconds * 1e6:0.#}us"),
        < 1 => string.Create(Invariant, $"{seconds * 1e3:0.##}ms"),
        < 120 => string.Create(Invariant, $"{seconds:0.##}s"),
        _ => Length(seconds),
    };

    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1024 => string.Create(Invariant, $"{bytes:0}B"),
        < 1 << 20 => string.Create(Invariant, $"{bytes / 1024:0.#}KiB"),
        < 1 << 30 => string.Create(Invariant, $"{bytes / (1 << 20):0.#}MiB"),
        < 1L << 40 => string.Create(Invariant, $"{bytes / (1 << 30):0.##}GiB"),
        _ => string.Create(Invariant, $"{bytes / (1L << 40):0.##}TiB"),
    };

    private static string Whole(double number, string unit) =>
        Math.Floor(number).ToString("0", Invariant) + unit;
}
