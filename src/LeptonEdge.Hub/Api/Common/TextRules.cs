using System.Text;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>Limits of texts that people give.</summary>
internal static class TextRules
{
    public const int TagMax = 40;
    public const int TagsMax = 32;
    public const int NoteMax = 2000;
    public const int FilterMax = 200;

    /// <summary>A tag: a word that can stand in an address.</summary>
    public static string? Tag(string field, string? tag) =>
        tag is { Length: >= 1 and <= TagMax } && tag.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"{field}: give 1 to {TagMax} letters, digits, '-', '_' or '.'";

    public static string? Tags(string field, IReadOnlyList<string>? tags)
    {
        if (tags is null)
            return null;
        return tags.Count > TagsMax
            ? $"{field}: at most {TagsMax} tags, not {tags.Count}"
            : tags.Select((tag, at) => Tag($"{field}[{at}]", tag)).FirstOrDefault(fault => fault is not null);
    }

    /// <param name="least">Characters at least.</param>
    public static string? Text(string field, string? text, int most, int least = 0)
    {
        if (text is null)
            return null;
        if (text.Length < least || text.Length > most)
            return $"{field}: give {least} to {most} characters, not {text.Length}";
        return IsText(text) ? null : $"{field}: it holds what is no text; send UTF-8 without control characters";
    }

    /// <summary>Of what somebody sent, enough to know it again.</summary>
    public static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";

    private static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')))
                return false;
        }

        return true;
    }
}
