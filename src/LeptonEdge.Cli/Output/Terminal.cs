namespace LeptonEdge.Cli.Output;

/// <summary>Who reads what is written: a person at a terminal, or a pipe.</summary>
internal static class Terminal
{
    /// <summary>Standard output is a terminal.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected;

    /// <summary>Colours are welcome: https://no-color.org, and no terminal that says it is dumb.</summary>
    public static bool HasColour =>
        IsTerminal && !IsPlain && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>The caller asked for no colours.</summary>
    public static bool IsPlain => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Cells in a line; null where nothing limits it, or nobody knows.</summary>
    public static int? Width => IsTerminal && Size.Width > 0 ? Size.Width : null;

    /// <summary>Of the terminal; 0 where it does not say.</summary>
    public static (int Width, int Height) Size
    {
        get
        {
            try
            {
                return (Console.WindowWidth, Console.WindowHeight);
            }
            catch (IOException)
            {
                return default;
            }
        }
    }

    /// <summary>Lines of the screen; what every terminal once had, where it does not say.</summary>
    public static int Height => Size.Height > 1 ? Size.Height : 24;

    public static string Paint(string text, Tone tone) => tone switch
    {
        Tone.Good => $"\e[32m{text}\e[0m",
        Tone.Warn => $"\e[33m{text}\e[0m",
        Tone.Bad => $"\e[31m{text}\e[0m",
        Tone.Dim => $"\e[2m{text}\e[0m",
        _ => text,
    };
}

/// <summary>What a reader should make of a cell; words say it too, as not everybody sees colours.</summary>
internal enum Tone
{
    None,
    Good,
    Warn,
    Bad,
    Dim,
}
