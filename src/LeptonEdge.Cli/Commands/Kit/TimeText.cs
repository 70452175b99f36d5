using System.Globalization;

namespace LeptonEdge.Cli.Commands;

/// <summary>Times as operators write them: so long ago, or a date.</summary>
internal static class TimeText
{
    public const string Form = "so long ago (90s, 15m, 24h, 7d, 4w) or a date (2026-05-01, 2026-05-01T06:00, UTC "
        + "unless it says otherwise)";

    // Beyond it there was no computing to meter.
    private const double DaysMax = 36_500;

    private static readonly string[] Dates =
        ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK"];

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        time = default;
        if (text.Length > 1 && DaysOf(text[^1]) is { } unit
            && double.TryParse(
                text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var count))
        {
            if (!(count * unit is > 0 and <= DaysMax))
                return false;
            time = now - TimeSpan.FromDays(count * unit);
            return time >= DateTimeOffset.UnixEpoch;
        }

        return DateTimeOffset.TryParseExact(
            text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
            && time >= DateTimeOffset.UnixEpoch;
    }

    /// <summary>A length of time: 90s, 15m, 2h, 7d; 0s is none.</summary>
    /// <exception cref="HubException">The text is none.</exception>
    public static TimeSpan Length(string option, string text) =>
        text.Length > 1 && DaysOf(text[^1]) is { } unit
        && double.TryParse(
            text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var count)
        && count * unit <= DaysMax
            ? TimeSpan.FromDays(count * unit)
            : throw HubException.Usage($"{option}: '{text}' is no length of time: write 90s, 15m, 2h or 7d");

    private static double? DaysOf(char unit) => unit switch
    {
        's' => 1 / 86_400.0,
        'm' => 1 / 1_440.0,
        'h' => 1 / 24.0,
        'd' => 1,
        'w' => 7,
        _ => null,
    };
}
