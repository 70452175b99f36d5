using System.CommandLine;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton completion …</c>: has a shell complete nouns, verbs, options, and names that the hub
/// knows.</summary>
internal static class CompletionCommand
{
    // The shell gives the line up to the cursor; [suggest:N] of System.CommandLine prints what could stand there, one a
    // line. Only whole words that begin as the one under the cursor are taken, and none of them is ever evaluated.
    private const string Bash = """
        # lepton: completion for bash. Put into ~/.bashrc:  source <(lepton completion bash)
        _lepton() {
            local line="${COMP_LINE:0:COMP_POINT}" cur="${COMP_WORDS[COMP_CWORD]}" found
            # Bash splits words at '=' and ':', and wants only what stands behind them.
            local word="${line##*[[:space:]]}"
            local before="${word%"$cur"}"
            line="lepton ${line#*[[:space:]]}"
            COMPREPLY=()
            while IFS= read -r found; do
                [[ -n "$found" && "$found" == "$word"* ]] && COMPREPLY+=("${found#"$before"}")
            done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _lepton lepton

        """;

    private const string Zsh = """
        #compdef lepton
        # lepton: completion for zsh. Put into ~/.zshrc:  source <(lepton completion zsh)
        _lepton() {
            local line="lepton ${(j: :)words[2,CURRENT]}"
            local -a found
            found=("${(@f)$(${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}")
            found=(${found:#})
            if (( ${#found} )); then
                compadd -a found
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_lepton" ]; then
            _lepton "$@"
        else
            compdef _lepton lepton
        fi

        """;

    private const string Fish = """
        # lepton: completion for fish. Put into a file:  lepton completion fish > ~/.config/fish/completions/lepton.fish
        function __lepton_complete
            set -l line (commandline -cp)
            lepton "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c lepton -f -a '(__lepton_complete)'
        complete -c lepton -l token-file -r -F
        complete -c lepton -l ca -r -F
        complete -c lepton -l config -r -F

        """;

    public static IEnumerable<Command> Verbs() =>
    [
        For("bash", Bash, "source <(lepton completion bash)"),
        For("zsh", Zsh, "source <(lepton completion zsh)"),
        For("fish", Fish, "lepton completion fish | source"),
    ];

    private static Command For(string shell, string script, string use)
    {
        var command = new Command(shell, $"Print the script for {shell}: {use}");
        command.SetAction(_ => Console.Out.Write(script));
        return command;
    }
}
