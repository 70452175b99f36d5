using System.CommandLine;
using LeptonEdge.Cli;
using LeptonEdge.Cli.Commands;

args = Nouns.Meant(args);
var parsed = Nouns.Root(args).Parse(args);
if (Nouns.Refuse(parsed) is { } refused)
    return refused;
Examples.AddTo(parsed);
// Ctrl-C asks the command to end; the demo then drains, compares and reports, which takes longer than the standard 2 s.
return await parsed.InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
