using System.Globalization;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads numbers with units as people write them: <c>25ms</c>, <c>1.5s</c>, <c>64MiB</c>.</summary>
internal static class Quantities
{
    public const string DurationForm = "a number and a unit, such as 500us, 25ms, 2s, 5m or 1h";
    public const string BytesForm = "a number and a unit, such as 4096B, 64KiB, 256MiB or 2GiB";

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, unit) = Split(text);
        double? seconds = unit switch
        {
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => null,
        };
        if (seconds is not { } scale || !TryNumber(number, out var value) || value < 0 || value * scale > 1e9)
            return false;
        duration = TimeSpan.FromTicks((long)Math.Round(value * scale * TimeSpan.TicksPerSecond));
        return true;
    }

    public static bool TryBytes(string text, out long bytes)
    {
        bytes = 0;
        var (number, unit) = Split(text);
        double? scale = unit switch
        {
            "B" or "" => 1,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            "GiB" => 1024.0 * 1024 * 1024,
            "TiB" => 1024.0 * 1024 * 1024 * 1024,
            _ => null,
        };
        if (scale is not { } factor || !TryNumber(number, out var value) || value < 0
            || value * factor > long.MaxValue / 2.0)
            return false;
        bytes = (long)(value * factor);
        return true;
    }

    public static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static (string Number, string Unit) Split(string text)
    {
        text = text.Trim();
        var end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]))
            end--;
        return (text[..end].TrimEnd(), text[end..]);
    }
}
