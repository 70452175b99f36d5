namespace LeptonEdge.Core.Identity;

/// <summary>The rules that every name proves when it is made; MQTT topics, SQL and file names can then take it as it
/// is.</summary>
internal static class NameRules
{
    public static bool IsLabelCharacter(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';

    public static bool IsPathCharacter(char c) => IsLabelCharacter(c) || c is '.' or '_';

    public static string Check(string? value, string kind, int lengthMax, Func<char, bool> allowed)
    {
        if (string.IsNullOrEmpty(value))
            throw new FormatException($"a {kind} name is empty: give it 1 to {lengthMax} characters");
        if (value.Length > lengthMax)
            throw new FormatException(
                $"{kind} name '{value[..32]}…' has {value.Length} characters: at most {lengthMax}");
        if (!char.IsAsciiLetterLower(value[0]) && !char.IsAsciiDigit(value[0]))
            throw new FormatException($"{kind} name '{value}' must start with a-z or 0-9");
        foreach (var c in value)
        {
            if (!allowed(c))
                throw new FormatException($"{kind} name '{value}' holds '{c}': use a-z, 0-9 and '-'"
                    + (allowed('.') ? ", '.' or '_'" : ""));
        }

        return value;
    }
}
