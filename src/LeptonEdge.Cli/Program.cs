using System.CommandLine;
using LeptonEdge.Cli.Commands;
using LeptonEdge.Cli.Demo;

var root = new RootCommand("LeptonEdge: AI next to sensors, in step with one hub.")
{
    DemoCommand.Create(),
    HubCommand.Create(),
    AgentCommand.Create(),
    DeviceCommand.Create(),
    PlanCommand.Create(),
};
// Ctrl-C asks the command to end; the demo then drains, compares and reports, which takes longer than the standard 2 s.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
