using System.Globalization;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Typed values out of a section, each proven against its limits as it is read.</summary>
internal static class YamlSectionValues
{
    public static int Integer(this YamlSection section, string key, int fallback, int min, int max)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max)
            return value;
        section.Fault(key, $"'{text}' is not a whole number from {min} to {max}");
        return fallback;
    }

    public static double Number(this YamlSection section, string key, double fallback, double min, double max)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (Quantities.TryNumber(text, out var value) && value >= min && value <= max)
            return value;
        section.Fault(key, FormattableString.Invariant($"'{text}' is not a number from {min} to {max}"));
        return fallback;
    }

    public static bool Flag(this YamlSection section, string key, bool fallback)
    {
        switch (section.Text(key))
        {
            case null:
                return fallback;
            case "true" or "yes":
                return true;
            case "false" or "no":
                return false;
            case var text:
                section.Fault(key, $"'{text}' is neither true nor false");
                return fallback;
        }
    }

    public static TimeSpan Duration(this YamlSection section, string key, TimeSpan fallback, TimeSpan min, TimeSpan max)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (!Quantities.TryDuration(text, out var value))
            section.Fault(key, $"'{text}' is not a duration: write {Quantities.DurationForm}");
        else if (value < min || value > max)
            section.Fault(key, $"{text} is not within {Show(min)} to {Show(max)}");
        else
            return value;
        return fallback;
    }

    public static long Bytes(this YamlSection section, string key, long fallback, long min, long max)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (!Quantities.TryBytes(text, out var value))
            section.Fault(key, $"'{text}' is not a size: write {Quantities.BytesForm}");
        else if (value < min || value > max)
            section.Fault(key, $"{text} is not within {min} to {max} bytes");
        else
            return value;
        return fallback;
    }

    public static T Choice<T>(this YamlSection section, string key, T fallback, IReadOnlyDictionary<string, T> choices)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (choices.TryGetValue(text, out var value))
            return value;
        section.Fault(key, NotOneOf(text, choices.Keys));
        return fallback;
    }

    public static string NotOneOf(string text, IEnumerable<string> choices)
    {
        var known = choices.ToArray();
        var hint = Spelling.Nearest(text, known) is { } meant ? $": did you mean '{meant}'?" : "";
        return $"'{text}' is none of {string.Join(", ", known)}{hint}";
    }

    /// <summary>A value that proves itself when made; its own message becomes the fault.</summary>
    public static T? Made<T>(this YamlSection section, string key, string? text, Func<string, T> make) where T : struct
    {
        if (text is null)
            return null;
        try
        {
            return make(text);
        }
        catch (FormatException fault)
        {
            section.Fault(key, fault.Message);
            return null;
        }
    }

    /// <summary>A path, made absolute from the folder of the file that names it.</summary>
    public static string? FilePath(this YamlSection section, string key, string? text) =>
        text is null ? null : Path.GetFullPath(text, section.Folder);

    /// <summary>A path of a file that must be there.</summary>
    public static string? ExistingFile(this YamlSection section, string key, string remedy)
    {
        var path = section.FilePath(key, section.Required(key, remedy));
        if (path is null || File.Exists(path))
            return path;
        section.Fault(key, $"'{path}' does not exist: {remedy}");
        return null;
    }

    private static string Show(TimeSpan time) =>
        time.TotalSeconds >= 1
            ? FormattableString.Invariant($"{time.TotalSeconds}s")
            : FormattableString.Invariant($"{time.TotalMilliseconds}ms");
}
