using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Has the demo and the tables of models write no escape codes where nobody wants them.</summary>
internal static class PlainConsole
{
    public static void Apply()
    {
        if (!Console.IsOutputRedirected && !Terminal.IsPlain)
            return;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }
}
