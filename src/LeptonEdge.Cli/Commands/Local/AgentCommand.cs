using System.CommandLine;
using LeptonEdge.Agent;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton agent …</c>: what is done on a device.</summary>
internal static class AgentCommand
{
    public static IEnumerable<Command> Verbs()
    {
        var config = new Option<string>("--config")
            { Description = "The agent's configuration file.", Required = true };
        var run = new Command("run", "Run an agent until it is told to stop.") { config };
        run.SetAction(parsed => AgentHost.RunAsync(["--config", parsed.GetValue(config)!]));
        return [run];
    }
}
