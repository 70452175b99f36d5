using System.CommandLine;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton help …</c>: what holds for every command.</summary>
internal static class HelpCommand
{
    public static IEnumerable<Command> Verbs() =>
    [
        Topic("exit-codes", "How commands end: the numbers, for scripts.", ExitCodes.Table),
        Topic("environment", "Variables that commands read.", Environment),
        Topic("output", "The forms of an answer.", Output),
    ];

    private const string Environment = """
        LEPTON_HUB        address of the hub's API, such as https://hub.example:8443
        LEPTON_TOKEN      a personal access token, or the hub's operator token
        LEPTON_CA         file with the fleet's certificate authority (ca.crt)
        LEPTON_CONTEXT    name of a hub in 'lepton context list'
        XDG_CONFIG_HOME   where contexts are kept: lepton/config.yaml in it, else in ~/.config
        NO_COLOR          not empty: no colours
        TERM              'dumb': no colours

        What an option says comes first, then these, then the current context.

        """;

    private const string Output = """
        -o table   for people; what does not fit is cut, and times are so long ago
        -o wide    all columns, exact values, times as dates in UTC
        -o json    as the hub says it; times are microseconds since 1970
        -o yaml    the same as YAML
        -o csv     all columns, RFC 4180, times as dates in UTC

        Answers go to standard output, all else to standard error: questions, progress, what went wrong.
        With --watch and a pipe, rows that changed are appended: json is then a line for each row.

        """;

    private static Command Topic(string name, string description, string text)
    {
        var command = new Command(name, description);
        command.SetAction(_ => Console.Out.Write(text));
        return command;
    }
}
