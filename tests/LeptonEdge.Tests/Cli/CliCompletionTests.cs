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

    [Theory]
    [InlineData("zsh", "#compdef lepton")]
    [InlineData("fish", "complete -c lepton")]
    public async Task Other_shells_have_scripts_of_their_own_that_they_can_read(string shell, string words)
    {
        var (status, script, errors) = await fleet.RunAtHomeAsync(["completion", shell]);
        Assert.Equal((0, ""), (status, errors));
        Assert.Contains(words, script);
        if (Requires.FindProgram(shell) is not { } program)
            return;
        var file = Path.Combine(fleet.Folder, $"completion.{shell}");
        await File.WriteAllTextAsync(file, script);
        using var reader = LeptonWatch.Start(program, ["-n", file]);
        Assert.Equal((0, ""), await reader.EndAsync());
    }
}
