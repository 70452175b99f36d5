using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using LeptonEdge.Cli.Demo;

namespace LeptonEdge.Cli.Commands;

/// <summary>All that the command line can be asked about: a noun, then a verb.</summary>
internal static partial class Nouns
{
    // A noun's verbs are made only when it is named: help and completion answer quicker.
    private static readonly (string Name, string Description, Action<Command> Fill)[] s_all =
    [
        ("demo", DemoCommand.Description, DemoCommand.Fill),
        ("site", "Where devices are, with sums over them.", Of(SiteCommand.Verbs)),
        ("device", "List, inspect and wait for devices, and rehearse an overload.", Of(DeviceCommand.Verbs)),
        ("channel", "What devices sense.", Of(ChannelCommand.Verbs)),
        ("reading", "What the hub's store holds of a channel.", Of(ReadingCommand.Verbs)),
        ("alarm", "What was raised, who has seen it, and who takes care.", Of(AlarmCommand.Verbs)),
        ("rule", "When devices raise alarms; change it, and leave it to them again.", Of(RuleCommand.Verbs)),
        ("workload", "What runs on devices, and with which model.", Of(WorkloadCommand.Verbs)),
        ("model", "What runs where; and prepare models for devices.", Of(ModelCommand.Verbs)),
        ("job", "Long work on the hub, beside what devices ask of it.", Of(JobCommand.Verbs)),
        ("plan", "Where work runs, why, and what an operator says to it.", Of(PlanCommand.Verbs)),
        ("usage", "Show what was used and what it costs, by device, workload or model.", UsageCommand.Fill),
        ("gap", "What is missing for good, and what could not be read.", Of(GapCommand.Verbs)),
        ("audit", "Every change, by whom; and the proof that the log is whole.", Of(AuditCommand.Verbs)),
        ("session", "Who is signed in with a browser.", Of(SessionCommand.Verbs)),
        ("token", "Personal access tokens, for scripts.", Of(TokenCommand.Verbs)),
        ("account", "Who may do what.", Of(AccountCommand.Verbs)),
        ("view", "What you saved of the dashboard's pages.", Of(ViewCommand.Verbs)),
        ("settings", "Show what the hub was told by its configuration, and what it limits.", SettingsCommand.Fill),
        ("top", TopCommand.Description, TopCommand.Fill),
        ("doctor", DoctorCommand.Description, DoctorCommand.Fill),
        ("login", "Sign in with name and password, and keep a token for this machine.", LoginCommand.Fill),
        ("context", "The hubs that you work with.", Of(ContextCommand.Verbs)),
        ("completion", "Have your shell complete commands and names.", Of(CompletionCommand.Verbs)),
        ("help", "What holds for every command: exit codes, environment, output.", Of(HelpCommand.Verbs)),
        ("hub", "Show how a hub does; run one, and issue certificates on its machine.", Of(HubCommand.Verbs)),
        ("agent", "Run an agent on this device.", Of(AgentCommand.Verbs)),
    ];

    /// <summary>'help device list' is 'device list --help', and nothing asks for help.</summary>
    public static string[] Meant(string[] args) => args switch
    {
        [] => ["--help"],
        ["help", var noun, ..] when Array.Exists(s_all, known => known.Name == noun) => [.. args[1..], "--help"],
        _ => args,
    };

    public static RootCommand Root(string[] args)
    {
        var words = WordsOf(args);
        var root = new RootCommand($"LeptonEdge: AI next to sensors, in step with one hub.\n\n{ExitCodes.Help}");
        // One way to ask for help, and a short one: the others only stand among what a shell offers.
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            foreach (var alias in help.Aliases.Where(alias => alias != "-h").ToList())
                help.Aliases.Remove(alias);
        }

        foreach (var (name, description, fill) in s_all)
        {
            var noun = new Command(name, description);
            if (words.Contains(name))
                fill(noun);
            root.Subcommands.Add(noun);
        }

        return root;
    }

    /// <summary>Says what of a command line cannot be read; null where all can.</summary>
    public static int? Refuse(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction || parsed.Errors.Count == 0)
            return null;
        var names = new Stack<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(at.Command.Name);
        // A noun without a verb is only worth saying when nothing else is wrong.
        var faults = parsed.Errors.Where(error => parsed.UnmatchedTokens.Count == 0
            || !error.Message.StartsWith("Required command", StringComparison.Ordinal))
            .Select(error => Type().Replace(
                error.Message, type => type.Groups[2].Success ? "a whole number" : "a number"));
        var words = string.Join(' ', string.Join(' ', faults).Split((char[]?)null,
            StringSplitOptions.RemoveEmptyEntries));
        var near = parsed.UnmatchedTokens.Count == 0 ? null : NearWord.Of(
            parsed.UnmatchedTokens[0], Words(parsed.CommandResult.Command));
        Console.Error.WriteLine($"lepton: {words.TrimEnd('.')}. {(near is null ? "" : $"Did you mean '{near}'? ")}"
            + $"See '{string.Join(' ', names)} --help'.");
        return ExitCodes.Usage;
    }

    [GeneratedRegex(@"expected type 'System\.(U?Int(32|64)|Double)'")]
    private static partial Regex Type();

    private static IEnumerable<string> Words(Command command) =>
        [.. command.Subcommands.Select(verb => verb.Name), .. command.Options.Select(option => option.Name)];

    // [suggest:12] "lepton device sh" is one word with words in it.
    private static HashSet<string> WordsOf(string[] args) =>
        [.. args.Length > 0 && args[0].StartsWith('[') ? args.SelectMany(word => word.Split(' ')) : args.Take(8)];

    private static Action<Command> Of(Func<IEnumerable<Command>> verbs) => noun =>
    {
        foreach (var verb in verbs())
            noun.Subcommands.Add(verb);
    };
}
