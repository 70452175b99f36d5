using System.Globalization;

namespace LeptonEdge.Cli.Demo;

/// <summary>Lengths of time as people type them: 90, 90s, 5m, 1h.</summary>
internal static class Durations
{
    /// <param name="length">Null when there is no text.</param>
    public static bool TryParse(string? text, out TimeSpan? length, out string? fault)
    {
        (length, fault) = (null, null);
        if (text is null)
            return true;
        var unit = text.Length > 0 ? text[^1] : ' ';
        var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3_600, _ => 1 };
        var digits = char.IsAsciiLetter(unit) ? text[..^1] : text;
        if (unit is not ('s' or 'm' or 'h') && !char.IsAsciiDigit(unit)
            || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            fault = $"'{text}' is not a length of time; write 60s, 5m or 1h";
            return false;
        }

        length = TimeSpan.FromSeconds(number * factor);
        if (length >= TimeSpan.FromSeconds(20) && length <= TimeSpan.FromDays(7))
            return true;
        fault = $"'{text}' is not within 20s (so that its story fits) and 7 days";
        return false;
    }
}
