using System.Globalization;
using System.Text;

namespace LeptonEdge.Cli.Output;

/// <summary>How many cells of a terminal a text takes.</summary>
internal static class TextWidth
{
    // Wide and full-width characters of East Asian scripts, and emoji: Unicode Standard Annex 11.
    private static readonly (int From, int To)[] s_wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF),
        (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F),
        (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    public static int Of(string text)
    {
        // Names and numbers are the rule.
        if (Ascii.IsValid(text))
            return text.Length;
        var cells = 0;
        foreach (var rune in text.EnumerateRunes())
            cells += Of(rune);
        return cells;
    }

    /// <summary>At most so many cells of it; the last one is an ellipsis where something is left out.</summary>
    public static string Cut(string text, int cells)
    {
        if (Of(text) <= cells)
            return text;
        var kept = new StringBuilder();
        var left = cells - 1;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= Of(rune);
            if (left < 0)
                break;
            kept.Append(rune);
        }

        return cells < 1 ? "" : kept.Append('…').ToString();
    }

    /// <summary>The same for a line with colours in it: these take no cell, and end with the line.</summary>
    public static string CutPainted(string line, int cells)
    {
        if (!line.Contains('\e'))
            return Cut(line, cells);
        var kept = new StringBuilder();
        var (left, at) = (cells, 0);
        foreach (var rune in line.EnumerateRunes())
        {
            // \e[31m: from the escape to the letter.
            if (rune.Value == '\e' || at > 0)
            {
                at = at > 0 && Rune.IsLetter(rune) ? 0 : at + 1;
                kept.Append(rune);
                continue;
            }

            left -= Of(rune);
            if (left >= 0)
                kept.Append(rune);
        }

        return kept.ToString();
    }

    public static string Pad(string text, int cells, bool right)
    {
        var blank = new string(' ', Math.Max(0, cells - Of(text)));
        return right ? blank + text : text + blank;
    }

    /// <summary>What a device wrote is no command to this terminal: control characters, and those that turn the way of
    /// writing, show as '?', lines as one.</summary>
    public static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')
            && !text.AsSpan().ContainsAnyInRange('\u202a', '\u2069'))
            return text;
        return string.Concat(text.Select(letter => letter is '\n' or '\r' or '\t' ? ' '
            : char.IsControl(letter) || letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') ? '?'
            : letter));
    }

    private static int Of(Rune rune)
    {
        var value = rune.Value;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format)
            return 0;
        return value >= 0x1100 && Array.Exists(s_wide, range => value >= range.From && value <= range.To) ? 2 : 1;
    }
}
