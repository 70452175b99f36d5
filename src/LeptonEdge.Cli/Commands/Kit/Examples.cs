using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;

namespace LeptonEdge.Cli.Commands;

/// <summary>Command lines as people write them, below the help of what they are of.</summary>
internal static class Examples
{
    private const string Resource = "examples.txt";

    private static readonly Lazy<ILookup<string, string>> s_all =
        new(() => Read().ToLookup(pair => pair.Of, pair => pair.Line));

    /// <summary>Puts the examples of a command into its help, if that is what was asked for.</summary>
    public static void AddTo(ParseResult parsed)
    {
        if (parsed.Action is not HelpAction)
            return;
        var command = parsed.CommandResult.Command;
        var lines = s_all.Value[PathOf(parsed)].ToList();
        if (lines.Count > 0)
            command.Description += "\n\nExamples:\n  " + string.Join("\n  ", lines);
    }

    /// <summary>Such as "device list".</summary>
    public static IEnumerable<string> Of(string path) => s_all.Value[path];

    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var at = parsed.CommandResult; at.Parent is System.CommandLine.Parsing.CommandResult above; at = above)
            names.Push(at.Command.Name);
        return string.Join(' ', names);
    }

    // A line that begins with '[' says of which command those behind it are.
    private static IEnumerable<(string Of, string Line)> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var lines = new StreamReader(stream);
        var of = "";
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
                of = line[1..line.IndexOf(']')];
            else if (line.Length > 0)
                yield return (of, line);
        }
    }
}
