using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>What the shell completes, as bash itself evaluates the script.</summary>
public sealed class CliCompletionTests(CliHub fleet) : IClassFixture<CliHub>
{
    // All lines in one bash: its words as it would split them, and what it then offers.
    private const string Ask = """
        source <(dotnet "$LEPTON" completion bash)
        lepton() { dotnet "$LEPTON" "$@"; }
        ask() {
            COMP_LINE="$1"; COMP_POINT=${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            _lepton; echo "$COMP_LINE|${COMPREPLY[*]}"
        }
        complete -p lepton
        ask 'lepton dev' lepton dev
        ask 'lepton device wa' lepton device wa
        ask 'lepton device show p' lepton device show p
        ask 'lepton plan explain pre' lepton plan explain pre
        ask 'lepton device wait press --for place=h' lepton device wait press --for place = h
        ask 'lepton device list -o ' lepton device list -o ''
        ask 'lepton device show p --hub http://127.0.0.1:1 x' lepton device show p --hub http://127.0.0.1:1 x
        """;

    [Fact]
    public async Task Bash_completes_nouns_verbs_options_and_names_of_the_hub()
    {
        // A hub that answers for the first time since its start may take longer than a shell waits.
        await fleet.OkAsync("workload", "list");
        using var bash = LeptonWatch.Start(
            "bash", ["--norc", "-c", Ask], ("LEPTON", Path.Combine(AppContext.BaseDirectory, "lepton.dll")),
            ("LEPTON_HUB", fleet.Hub.Http.ToString()), ("LEPTON_TOKEN", fleet.Hub.Token));
        var (status, output) = await bash.EndAsync();

        Assert.Equal(0, status);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Contains("-F _lepton lepton", lines[0]);
        var offered = lines[1..].Select(line => line.Split('|')[1]).ToList();
        Assert.Equal(["device", "wait", "press pump", "press/bearing", "hub", "csv json table wide yaml", ""], offered);
    }

    // compadd is what zsh is given; only the line editor has the real one.
    private const string AskZsh = """
        lepton() { dotnet "$LEPTON" "$@" }
        autoload -U compinit; compinit -u -D
        source <(lepton completion zsh)
        compadd() { print -r -- "$line|${(j: :)${(P)@[-1]}}" }
        _files() { print -r -- "$line|files" }
        ask() { line="$*"; words=("$@"); CURRENT=$#words; _lepton }
        ask lepton device wa
        ask lepton device show p
        ask lepton device wait press --for place=h
        ask lepton site plan ''
        ask lepton device list --ca /et
        """;

    private const string AskFish = """
        function lepton; dotnet $LEPTON $argv; end
        lepton completion fish | source
        for line in 'lepton device wa' 'lepton device show p' 'lepton device wait press --for place=h' \
                'lepton site plan ' 'lepton device list --ca /et'
            echo $line"|"(string join -- ' ' (complete -C $line | string replace -r '\t.*' ''))
        end
        """;

    [PeerFact("zsh")]
    public Task Zsh_completes_the_same() => CompletesAsync(
        ["zsh", "-f", "-c", AskZsh], "wait;press pump --help --output;place=hub;--help -h delete get set;files");

    [PeerFact("fish")]
    public Task Fish_completes_the_same() => CompletesAsync(
        ["fish", "--no-config", "-c", AskFish], "wait;press pump;place=hub;delete get set -h --help;/etc/");

    private async Task CompletesAsync(string[] shell, string expected)
    {
        await fleet.OkAsync("workload", "list");
        using var asked = LeptonWatch.Start(
            shell[0], shell[1..], ("LEPTON", Path.Combine(AppContext.BaseDirectory, "lepton.dll")),
            ("LEPTON_HUB", fleet.Hub.Http.ToString()), ("LEPTON_TOKEN", fleet.Hub.Token));
        var (status, output) = await asked.EndAsync();

        Assert.Equal(0, status);
        Assert.Equal(expected.Split(';'), output.TrimEnd('\n').Split('\n').Select(line => line.Split('|')[1]));
    }
}
