using System.CommandLine;
using System.Text.RegularExpressions;
using LeptonEdge.Cli;
using LeptonEdge.Cli.Commands;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>What every verb says of itself, without a process for each.</summary>
public sealed partial class CliHelpTests
{
    private static readonly string[] s_nouns = [.. Nouns.Root([]).Subcommands.Select(noun => noun.Name)];

    [Fact]
    public void Every_verb_has_examples_that_can_be_read_and_every_option_says_what_it_is()
    {
        var verbs = s_nouns.SelectMany(noun => Verbs(noun, Nouns.Root([noun]).Subcommands.First(at => at.Name == noun)))
            .ToList();
        Assert.True(verbs.Count > 70, $"{verbs.Count} verbs");
        var faults = verbs.Where(verb => !Examples.Of(verb.Path).Any() && !verb.Path.StartsWith("help "))
            .Select(verb => $"{verb.Path}: no example").ToList();
        foreach (var (path, verb) in verbs)
        {
            faults.AddRange(verb.Options.Cast<Symbol>().Concat(verb.Arguments).Append(verb)
                .Where(symbol => string.IsNullOrEmpty(symbol.Description)).Select(symbol => $"{path}: {symbol.Name}"));
            foreach (var example in Examples.Of(path))
            {
                var args = Word().Matches(example).Skip(1).Select(word => word.Value.Trim('"', '\'')).ToArray();
                var parsed = Nouns.Root(args).Parse(args);
                faults.AddRange(parsed.Errors.Select(error => $"{example}: {error.Message}"));
                if (parsed.CommandResult.Command.Name != verb.Name)
                    faults.Add($"{example}: it is no example of {path}");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Help_shows_examples_names_exit_codes_and_asks_no_hub()
    {
        var nowhere = new Dictionary<string, string> { ["LEPTON_HUB"] = "http://192.0.2.1", ["LEPTON_TOKEN"] = "x" };
        var (status, help, errors) = await LeptonProcess.RunAsync(["help", "device", "wait"], nowhere);
        Assert.Equal((0, ""), (status, errors));
        Assert.Contains("Examples:\n    lepton device wait press-7 --for online --timeout 5m\n", help);
        Assert.Contains("--for <alarms=0|offline|online|place=hub>", help);
        (status, help, _) = await LeptonProcess.RunAsync(["help", "exit-codes"], nowhere);
        Assert.Equal((0, ExitCodes.Table), (status, help));
    }

    // As a shell splits it.
    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Word();

    private static IEnumerable<(string Path, Command Verb)> Verbs(string path, Command command) =>
        command.Subcommands.Count == 0
            ? [(path, command)]
            : command.Subcommands.SelectMany(verb => Verbs($"{path} {verb.Name}", verb));
}
