using System.Text;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Contexts;

/// <summary>Asks a person at a terminal. The question goes to stderr, so that the answer can be piped.</summary>
internal static class Prompt
{
    /// <exception cref="HubException">There is no terminal to ask at, and nothing to read.</exception>
    public static string Name(string question)
    {
        if (!Console.IsInputRedirected)
            Console.Error.Write(question);
        return Console.ReadLine() is { Length: > 0 } line
            ? line.Trim() : throw HubException.Usage($"{question.TrimEnd(' ', ':')} is missing");
    }

    /// <summary>Not shown while it is typed; from a pipe, its first line.</summary>
    /// <exception cref="HubException">Nothing was typed.</exception>
    public static string Secret(string question)
    {
        if (Console.IsInputRedirected)
            return Name(question);
        Console.Error.Write(question);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.Length > 0
            ? text.ToString() : throw HubException.Usage($"{question.TrimEnd(' ', ':')} is missing");
    }
}
